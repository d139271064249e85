/** Finds videos in a folder by the layouts in which data sets are distributed. */
import { UsageError } from "@slomo/core";
import type { Skipped } from "./clip_index.ts";
import { hashKeys } from "../random.ts";

/** Properties of a source that decide its split. */
export interface SplitSource {
  /** Group: all sources of a group, such as the parts of one video, go to the same split. */
  readonly group: string;
  /** Split that the data set's own lists define. */
  readonly split?: "train" | "validation" | undefined;
}

/** A video of a data set: a video file, or a folder of images. */
export interface DatasetVideo extends SplitSource {
  /** Path relative to the folder. */
  readonly name: string;
  /** Frame rate of a folder of images, if the data set defines it. */
  readonly rate?: string | undefined;
  /** Minimum number of frames of clips, if the data set has short clips. */
  readonly shortest?: number | undefined;
}

/** Reads a text file by its path relative to the folder. */
export type ReadList = (path: string) => Promise<string>;

const VIDEO = /\.(mp4|mov|mkv|avi|webm|m4v|mpe?g|ts|y4m|wmv|flv)$/i;
const IMAGE = /\.(png|jpe?g|webp|bmp|tiff?|exr)$/i;
/** Hidden files and files of operating systems. */
const HIDDEN = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/;

/** Layout of one data set: facts of a video, or the reason why it is skipped. */
interface Layout {
  /** Returns whether the files belong to this data set. */
  readonly fits: (paths: readonly string[]) => boolean;
  readonly judge: (name: string, lists: Lists) => Omit<DatasetVideo, "name"> | string;
  /** Returns the entry of a video in the data set's lists; `undefined` if it cannot have one. */
  readonly entryOf?: (name: string) => string | undefined;
}

type Lists = ReadonlyMap<string, ReadonlySet<string>>;

const parts = (name: string) => name.split("/");

/** Vimeo-90K: `sequences/00001/0001/im1.png`; lists name the test set. */
const vimeo: Layout = {
  fits: (paths) => paths.some((path) => /(^|\/)(tri|sep)_trainlist\.txt$/.test(path)),
  entryOf: (name) => parts(name).slice(-2).join("/"),
  judge(name, lists) {
    const id = parts(name).slice(-2).join("/");
    const isTriplet = lists.has("tri_trainlist.txt"), kind = isTriplet ? "tri" : "sep", shortest = isTriplet ? 3 : 7;
    if (lists.get(`${kind}_testlist.txt`)?.has(id)) return { group: id, split: "validation", shortest };
    if (lists.get(`${kind}_trainlist.txt`)?.has(id)) return { group: id, split: "train", shortest };
    return `it is in neither ${kind}_trainlist.txt nor ${kind}_testlist.txt`;
  },
};

/** X4K1000FPS: `train/002/occ008.320/0000.png`, or `encoded_train/002/occ008.320.mp4`; also `val` and `test`. */
const x4k: Layout = {
  fits: (paths) => paths.some((path) => /(^|\/)(encoded_)?(train|val|test)\/[^/]+\/(occ\d|TEST\d)/.test(path)),
  judge(name) {
    const steps = parts(name), at = steps.findIndex((step) => /^(encoded_)?(train|val|test)$/.test(step));
    if (steps[at]?.endsWith("test")) return "X4K1000FPS keeps it for testing";
    const split = steps[at]?.endsWith("val") ? "validation" : "train";
    return { group: steps.slice(0, at + 2).join("/"), split, rate: "1000" };
  },
};

/** DAVIS: `JPEGImages/480p/bear/00000.jpg`, with masks and other sizes; lists of the year name the validation set. */
const davis: Layout = {
  fits: (paths) => paths.some((path) => /(^|\/)JPEGImages\/[^/]+\/[^/]+\/\d+\.jpg$/.test(path)),
  entryOf: (name) => /(?:^|\/)JPEGImages\/480p\/([^/]+)$/.exec(name)?.[1],
  judge(name, lists) {
    const steps = parts(name), at = steps.indexOf("JPEGImages");
    if (at < 0) return "it contains masks or scribbles, not frames";
    if (steps[at + 1] !== "480p") return "the same sequence is there at 480p";
    const video = steps[at + 2]!;
    if (lists.get("val.txt")?.has(video)) return { group: video, split: "validation", rate: "24" };
    if (lists.get("train.txt")?.has(video)) return { group: video, split: "train", rate: "24" };
    return { group: video, rate: "24" };
  },
};

/** UCF101: `UCF-101/Archery/v_Archery_g01_c01.avi`; clips of one group are from one video. */
const ucf: Layout = {
  fits: (paths) => paths.some((path) => /(^|\/)v_\w+_g\d+_c\d+\.avi$/.test(path)),
  judge: (name) => ({ group: name.replace(/_c\d+\.avi$/, "") }),
};

/** Triplets with names, such as the test sets of UCF101 and Middlebury. */
const TRIPLET = /(^|\/)(frame_01_gt|frame10i11)\.png$/;

/** Other folders, such as Adobe240's folder of videos: each video and each folder of images is one video. */
const plain: Layout = { fits: () => true, judge: (name) => ({ group: name }) };

const LAYOUTS: readonly Layout[] = [vimeo, x4k, davis, ucf, plain];
const LISTS = /(^|\/)((tri|sep)_(train|test)list|train|val)\.txt$/;

/** Lists by file name; if a data set has one for each year, the newest is used. Lines may contain more than names. */
async function readLists(paths: readonly string[], read: ReadList): Promise<Lists> {
  const lists = new Map<string, ReadonlySet<string>>();
  for (const path of paths.filter((candidate) => LISTS.test(candidate))) {
    const lines = (await read(path)).split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
    lists.set(parts(path).at(-1)!, new Set(lines));
  }
  return lists;
}

/** Number of entries that a message names. */
const NAMED_ENTRIES = 5;

/** Returns the entries of the lists for which there is no folder, one remark per list. */
function missingEntries(names: readonly string[], lists: Lists, { entryOf }: Layout): Skipped[] {
  if (!entryOf) return [];
  const there = new Set(names.map(entryOf));
  return [...lists].flatMap(([what, entries]) => {
    const missing = [...entries].filter((entry) => !there.has(entry));
    if (missing.length === 0) return [];
    const named = missing.slice(0, NAMED_ENTRIES).join(", "), more = missing.length - NAMED_ENTRIES;
    const why = `${missing.length} of its ${entries.size} entries have no folder: ${named}${
      more > 0 ? ` and ${more} more` : ""
    }`;
    return [{ what, why }];
  });
}

/**
 * Finds the videos among files.
 *
 * @param paths Paths relative to the folder, with `/`.
 * @throws {UsageError} If there is no video.
 */
export async function findSources(
  paths: readonly string[],
  read: ReadList,
): Promise<{ readonly found: DatasetVideo[]; readonly skipped: Skipped[] }> {
  const seen = paths.filter((path) => !HIDDEN.test(path)).toSorted();
  const folderOf = (path: string) => parts(path).slice(0, -1).join("/");
  const triplets = new Set(seen.filter((path) => TRIPLET.test(path)).map(folderOf));
  const names = [
    ...seen.filter((path) => VIDEO.test(path)),
    ...new Set(seen.filter((path) => IMAGE.test(path)).map(folderOf)),
  ].toSorted();
  if (names.length === 0) {
    throw new UsageError("the folder contains neither a video nor a folder of images", { code: "input-not-found" });
  }
  const layout = LAYOUTS.find(({ fits }) => fits(seen))!, lists = await readLists(seen, read);
  const found: DatasetVideo[] = [], skipped: Skipped[] = missingEntries(names, lists, layout);
  for (const name of names) {
    const judged = triplets.has(name)
      ? "it is a test set of triplets; see `deno task evaluate`"
      : layout.judge(name, lists);
    if (typeof judged === "string") skipped.push({ what: name, why: judged });
    else found.push({ name, ...judged });
  }
  return { found, skipped };
}

/**
 * Chooses the groups for validation: those in the lists of the data set, or, without lists, `share` of the groups by a
 * hash of their names, but at least one of two or more.
 */
export function chooseValidation(sources: readonly SplitSource[], share: number): ReadonlySet<string> {
  const listed = sources.filter(({ split }) => split === "validation").map(({ group }) => group);
  if (sources.some(({ split }) => split !== undefined)) return new Set(listed);
  const groups = [...new Set(sources.map(({ group }) => group))]
    .sort((a, b) => hashKeys([a]) - hashKeys([b]) || (a < b ? -1 : 1));
  if (share === 0 || groups.length < 2) return new Set();
  return new Set(groups.slice(0, Math.min(groups.length - 1, Math.max(1, Math.round(share * groups.length)))));
}
