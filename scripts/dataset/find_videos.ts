import { type DatasetVideo, findSources, type Skipped } from "@slomo/training/data";
import { fileReasonOf, UsageError } from "@slomo/core";
import { basename, join } from "@std/path";

/** A video and its location. */
export interface Video extends DatasetVideo {
  /** Path of the video or of the folder of images. */
  readonly location: string;
  /** Number of files, their size and the time of the newest; changes when a file changes. */
  readonly revision: string;
}

interface Listing {
  /** Files by their path relative to the folder, with `/`. */
  readonly files: ReadonlyMap<string, Deno.FileInfo>;
}

async function list(folder: string): Promise<Listing> {
  const files = new Map<string, Deno.FileInfo>();
  async function walk(below: string): Promise<void> {
    for await (const { name, isDirectory } of Deno.readDir(join(folder, below))) {
      const path = below === "" ? name : `${below}/${name}`;
      if (isDirectory) await walk(path);
      else files.set(path, await Deno.stat(join(folder, path)));
    }
  }
  await walk("");
  return { files };
}

function revisionOf(infos: readonly Deno.FileInfo[]): string {
  const size = infos.reduce((sum, info) => sum + info.size, 0);
  const newest = Math.max(...infos.map(({ mtime }) => mtime?.getTime() ?? 0));
  return `${infos.length}/${size}/${newest}`;
}

async function videosBelow(input: string): Promise<{ videos: Video[]; skipped: readonly Skipped[] }> {
  const { files } = await list(input), title = basename(input);
  const { found, skipped } = await findSources([...files.keys()], (path) => Deno.readTextFile(join(input, path)))
    .catch((error) => {
      throw error instanceof UsageError ? new UsageError(`${input}: ${error.message}`) : error;
    });
  const fullName = (name: string) => name === "" ? title : `${title}/${name}`;
  const videos = found.map((source): Video => {
    const isVideo = files.has(source.name);
    const infos = isVideo
      ? [files.get(source.name)!]
      : [...files].filter(([path]) => path.slice(0, Math.max(0, path.lastIndexOf("/"))) === source.name)
        .map(([, info]) => info);
    const group = fullName(source.group);
    return {
      ...source,
      name: fullName(source.name),
      group,
      location: join(input, source.name),
      revision: revisionOf(infos),
    };
  });
  return { videos, skipped: skipped.map(({ what, why }) => ({ what: fullName(what), why })) };
}

/**
 * Finds the videos of all inputs, sorted by name.
 *
 * @throws {UsageError} If an input does not exist, or contains no video.
 */
export async function findVideos(inputs: readonly string[]): Promise<{ videos: Video[]; skipped: Skipped[] }> {
  const videos: Video[] = [], skipped: Skipped[] = [];
  for (const input of inputs) {
    let info: Deno.FileInfo;
    try {
      info = await Deno.stat(input);
    } catch (error) {
      throw new UsageError(`${input} cannot be read: ${fileReasonOf(error)}`);
    }
    if (info.isDirectory) {
      const below = await videosBelow(input);
      videos.push(...below.videos);
      skipped.push(...below.skipped);
    } else {
      const name = basename(input);
      videos.push({ name, group: name, location: input, revision: revisionOf([info]) });
    }
  }
  return { videos: videos.sort((a, b) => a.name < b.name ? -1 : 1), skipped };
}
