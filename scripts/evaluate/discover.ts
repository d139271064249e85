/** Finds what there is to measure below a folder, in the layouts in which test sets are distributed. */
import { UsageError } from "@slomo/core";
import { basename, dirname, join, resolve } from "@std/path";

/** A video: a video file, or a folder of frames. */
export interface FoundVideo {
  /** What it is. */
  readonly kind: "video";
  /** Path below the root. */
  readonly name: string;
  /** The set that it belongs to. */
  readonly set: string;
  /** Path of the file or folder. */
  readonly location: string;
}

/** Three images by name, of which the middle one is to be made. */
export interface FoundTriplet {
  /** What it is. */
  readonly kind: "triplet";
  /** Path below the root. */
  readonly name: string;
  /** The set that it belongs to. */
  readonly set: string;
  /** Path of the frame before. */
  readonly first: string;
  /** Path of the ground-truth frame between. */
  readonly groundTruth: string;
  /** Path of the frame after. */
  readonly second: string;
}

/** What {@linkcode discover} found. */
export interface Discovery {
  /** What can be measured. */
  readonly found: readonly (FoundVideo | FoundTriplet)[];
  /** What cannot, and why. */
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
}

/** Lists of the test sets of Vimeo-90K, beside their folder `sequences`. */
const VIMEO_LISTS = ["tri_testlist.txt", "sep_testlist.txt"];

/** Names, without endings, of the two frames and the ground truth between: Middlebury's "other" set, and UCF101's. */
const NAMED_TRIPLETS = [["frame10", "frame10i11", "frame11"], ["frame_00", "frame_01_gt", "frame_02"]] as const;

/** Where Middlebury keeps the ground truth of the frames in `other-data`. */
const MIDDLEBURY_TRUTH = "other-gt-interp";

/** Names of images: frames of the folder's video rather than videos. */
const PICTURE = /\.(png|jpe?g|webp|tiff?|bmp|exr|dpx)$/i;

const stemOf = (name: string) => name.replace(/\.[^.]*$/, "");

interface Folder {
  readonly folders: readonly string[];
  readonly images: readonly string[];
  readonly files: readonly string[];
}

async function list(folder: string): Promise<Folder> {
  const folders: string[] = [], images: string[] = [], files: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(".")) continue;
    if ((await Deno.stat(join(folder, name))).isDirectory) folders.push(name);
    else (PICTURE.test(name) ? images : files).push(name);
  }
  return { folders: folders.sort(), images: images.sort(), files: files.sort() };
}

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isFile ?? false;
}

/** How {@linkcode discover} looks. */
export interface DiscoverOptions {
  /** Whether folders of three named images are triplets and lists are obeyed; else every folder is just frames. */
  readonly layouts: boolean;
}

/**
 * What can be measured below `root`: videos, folders of frames, Middlebury's and UCF101's folders of named images, and the
 * test list of Vimeo-90K. A sequence's set is the folder that holds it.
 *
 * @throws {UsageError} If there is no such file or folder.
 */
export async function discover(root: string, { layouts }: DiscoverOptions): Promise<Discovery> {
  const found: (FoundVideo | FoundTriplet)[] = [], skipped: { path: string; why: string }[] = [];
  const rootName = basename(resolve(root));
  const video = (name: string, location: string) => {
    const parent = dirname(name);
    found.push({ kind: "video", name: name || rootName, set: parent === "." ? rootName : parent, location });
  };

  async function namedTriplet(folder: string, name: string, images: readonly string[]): Promise<boolean> {
    for (const [first, groundTruth, second] of NAMED_TRIPLETS) {
      const [a, b] = [first, second].map((stem) => images.find((image) => stemOf(image) === stem));
      if (!a || !b) continue;
      const truthName = groundTruth + a.slice(first.length);
      const places = [join(folder, truthName), join(folder, "..", "..", MIDDLEBURY_TRUTH, basename(folder), truthName)];
      const isThere = await Promise.all(places.map(isFile)), place = places[isThere.indexOf(true)];
      if (place) {
        const parent = dirname(name), set = parent === "." ? rootName : parent;
        found.push({
          kind: "triplet",
          name: name || rootName,
          set,
          first: join(folder, a),
          groundTruth: place,
          second: join(folder, b),
        });
      } else skipped.push({ path: folder, why: `${truthName} is missing` });
      return true;
    }
    return false;
  }

  async function listed(folder: string, name: string, listName: string): Promise<void> {
    const lines = (await Deno.readTextFile(join(folder, listName))).split(/\r?\n/).map((line) => line.trim());
    for (const line of lines.filter((line) => line !== "")) {
      const location = join(folder, "sequences", line);
      const isThere = (await Deno.stat(location).catch(() => undefined))?.isDirectory;
      if (isThere) found.push({ kind: "video", name: join(name, line), set: basename(resolve(folder)), location });
      else skipped.push({ path: location, why: `${listName} names it and it is missing` });
    }
  }

  async function walk(folder: string, name: string): Promise<void> {
    const { folders, images, files } = await list(folder);
    const listName = VIMEO_LISTS.find((list) => files.includes(list));
    if (layouts && listName && folders.includes("sequences")) return await listed(folder, name, listName);
    if (!(layouts && await namedTriplet(folder, name, images))) {
      if (images.length >= (layouts ? 3 : 1)) video(name, folder);
      else if (images.length > 0) {
        skipped.push({ path: folder, why: `it has ${images.length} of the three images that are needed` });
      }
    }
    for (const file of files) video(join(name, file), join(folder, file));
    for (const below of folders) {
      const isTruth = below === MIDDLEBURY_TRUTH && folders.includes("other-data");
      if (!(layouts && isTruth)) await walk(join(folder, below), join(name, below));
    }
  }

  const stat = await Deno.stat(root).catch(() => undefined);
  if (!stat) throw new UsageError(`${root}: there is no such file or folder`);
  if (stat.isDirectory) await walk(root, "");
  else video("", root);
  return { found, skipped };
}
