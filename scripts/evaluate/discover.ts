/** Finds videos and frame triplets to evaluate on, in the layouts in which test sets are distributed. */
import { UsageError } from "@slomo/core";
import { basename, dirname, join, resolve } from "@std/path";

/** A video file or a folder of frames. */
export interface VideoSource {
  /** Distinguishes videos from triplets. */
  readonly kind: "video";
  /** Path relative to the root. */
  readonly name: string;
  /** Name of its test set. */
  readonly set: string;
  /** Path of the file or folder. */
  readonly location: string;
}

/** Three image files: a frame pair and the ground-truth frame between. */
export interface TripletSource {
  /** Distinguishes triplets from videos. */
  readonly kind: "triplet";
  /** Path relative to the root. */
  readonly name: string;
  /** Name of its test set. */
  readonly set: string;
  /** Path of the frame before. */
  readonly first: string;
  /** Path of the ground-truth frame between. */
  readonly groundTruth: string;
  /** Path of the frame after. */
  readonly second: string;
}

/** A video or a triplet. */
export type SequenceSource = VideoSource | TripletSource;

/** Result of {@linkcode discover}. */
export interface Discovery {
  /** Videos and triplets that can be evaluated. */
  readonly sources: readonly SequenceSource[];
  /** Files and folders that cannot be evaluated, with the reason. */
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
}

/** Files that list the test sets of Vimeo-90K, next to the folder `sequences`. */
const VIMEO_LISTS = ["tri_testlist.txt", "sep_testlist.txt"];

/** Names, without extensions, of the first frame, the ground truth and the second frame: Middlebury's "other" set, and UCF101's. */
const NAMED_TRIPLETS = [["frame10", "frame10i11", "frame11"], ["frame_00", "frame_01_gt", "frame_02"]] as const;

/** Folder of Middlebury with the ground truth of the frames in `other-data`. */
const MIDDLEBURY_GROUND_TRUTH = "other-gt-interp";

/** Names of images, which are frames of their folder's sequence. */
const IMAGE = /\.(png|jpe?g|webp|tiff?|bmp|exr|dpx)$/i;

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
    else (IMAGE.test(name) ? images : files).push(name);
  }
  return { folders: folders.sort(), images: images.sort(), files: files.sort() };
}

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isFile ?? false;
}

/** Options of {@linkcode discover}. */
export interface DiscoverOptions {
  /** Whether to recognize triplets by their names and lists of test sets; otherwise, every folder is a sequence of frames. */
  readonly layouts: boolean;
}

/**
 * Finds the sequences below `root`: videos, folders of frames, Middlebury's and UCF101's folders of named images, and the
 * test list of Vimeo-90K. The test set of a sequence is its parent folder.
 *
 * @throws {UsageError} If `root` does not exist.
 */
export async function discover(root: string, { layouts }: DiscoverOptions): Promise<Discovery> {
  const sources: SequenceSource[] = [], skipped: { path: string; why: string }[] = [];
  const rootName = basename(resolve(root));
  const addVideo = (name: string, location: string) => {
    const parent = dirname(name);
    sources.push({ kind: "video", name: name || rootName, set: parent === "." ? rootName : parent, location });
  };

  async function addNamedTriplet(folder: string, name: string, images: readonly string[]): Promise<boolean> {
    for (const [first, groundTruth, second] of NAMED_TRIPLETS) {
      const [a, b] = [first, second].map((stem) => images.find((image) => stemOf(image) === stem));
      if (!a || !b) continue;
      const groundTruthName = groundTruth + a.slice(first.length);
      const candidates = [
        join(folder, groundTruthName),
        join(folder, "..", "..", MIDDLEBURY_GROUND_TRUTH, basename(folder), groundTruthName),
      ];
      const exists = await Promise.all(candidates.map(isFile)), path = candidates[exists.indexOf(true)];
      if (path) {
        const parent = dirname(name), set = parent === "." ? rootName : parent;
        sources.push({
          kind: "triplet",
          name: name || rootName,
          set,
          first: join(folder, a),
          groundTruth: path,
          second: join(folder, b),
        });
      } else skipped.push({ path: folder, why: `${groundTruthName} is missing` });
      return true;
    }
    return false;
  }

  async function addListed(folder: string, name: string, listName: string): Promise<void> {
    const lines = (await Deno.readTextFile(join(folder, listName))).split(/\r?\n/).map((line) => line.trim());
    for (const line of lines.filter((line) => line !== "")) {
      const location = join(folder, "sequences", line);
      const exists = (await Deno.stat(location).catch(() => undefined))?.isDirectory;
      if (exists) sources.push({ kind: "video", name: join(name, line), set: basename(resolve(folder)), location });
      else skipped.push({ path: location, why: `${listName} names it and it is missing` });
    }
  }

  async function walk(folder: string, name: string): Promise<void> {
    const { folders, images, files } = await list(folder);
    const listName = VIMEO_LISTS.find((list) => files.includes(list));
    if (layouts && listName && folders.includes("sequences")) return await addListed(folder, name, listName);
    if (!(layouts && await addNamedTriplet(folder, name, images))) {
      if (images.length >= (layouts ? 3 : 1)) addVideo(name, folder);
      else if (images.length > 0) {
        skipped.push({ path: folder, why: `it has ${images.length} of the three images that are needed` });
      }
    }
    for (const file of files) addVideo(join(name, file), join(folder, file));
    for (const child of folders) {
      const isGroundTruth = child === MIDDLEBURY_GROUND_TRUTH && folders.includes("other-data");
      if (!(layouts && isGroundTruth)) await walk(join(folder, child), join(name, child));
    }
  }

  const stat = await Deno.stat(root).catch(() => undefined);
  if (!stat) throw new UsageError(`${root}: there is no such file or folder`);
  if (stat.isDirectory) await walk(root, "");
  else addVideo("", root);
  return { sources, skipped };
}
