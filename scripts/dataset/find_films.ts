import { findSources, type FoundSource, type Skipped } from "@slomo/training/data";
import { UsageError } from "@slomo/core";
import { basename, join } from "@std/path";
import { reason } from "../_toolkit.ts";

/** A film and where it lies. */
export interface Film extends FoundSource {
  /** Path of the video or of the folder of images. */
  readonly location: string;
  /** Changes when its files do: how many there are, how large, and when the newest was written. */
  readonly stamp: string;
}

interface Listing {
  /** Files by their path below the folder, with `/`. */
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

function stampOf(infos: readonly Deno.FileInfo[]): string {
  const size = infos.reduce((sum, info) => sum + info.size, 0);
  const newest = Math.max(...infos.map(({ mtime }) => mtime?.getTime() ?? 0));
  return `${infos.length}/${size}/${newest}`;
}

async function filmsBelow(input: string): Promise<{ films: Film[]; skipped: readonly Skipped[] }> {
  const { files } = await list(input), title = basename(input);
  const { found, skipped } = await findSources([...files.keys()], (path) => Deno.readTextFile(join(input, path)))
    .catch((error) => {
      throw error instanceof UsageError ? new UsageError(`${input}: ${error.message}`) : error;
    });
  const named = (name: string) => name === "" ? title : `${title}/${name}`;
  const films = found.map((source): Film => {
    const isVideo = files.has(source.name);
    const infos = isVideo
      ? [files.get(source.name)!]
      : [...files].filter(([path]) => path.slice(0, Math.max(0, path.lastIndexOf("/"))) === source.name)
        .map(([, info]) => info);
    const group = named(source.group);
    return { ...source, name: named(source.name), group, location: join(input, source.name), stamp: stampOf(infos) };
  });
  return { films, skipped: skipped.map(({ what, why }) => ({ what: named(what), why })) };
}

/**
 * The films that the inputs hold, in the order of their names.
 *
 * @throws {UsageError} If an input is not there, or holds none.
 */
export async function findFilms(inputs: readonly string[]): Promise<{ films: Film[]; skipped: Skipped[] }> {
  const films: Film[] = [], skipped: Skipped[] = [];
  for (const input of inputs) {
    let info: Deno.FileInfo;
    try {
      info = await Deno.stat(input);
    } catch (error) {
      throw new UsageError(`${input} cannot be read: ${reason(error)}`);
    }
    if (info.isDirectory) {
      const below = await filmsBelow(input);
      films.push(...below.films);
      skipped.push(...below.skipped);
    } else {
      const name = basename(input);
      films.push({ name, group: name, location: input, stamp: stampOf([info]) });
    }
  }
  return { films: films.sort((a, b) => a.name < b.name ? -1 : 1), skipped };
}
