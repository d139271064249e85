import { fileReasonOf, type MediaHandler, UsageError } from "@slomo/core";
import { basename, dirname, extname, join, resolve } from "@std/path";
import type { Batch, Target } from "./options.ts";

/** Extensions of the files in a folder that are videos. */
const VIDEO = /\.(mp4|m4v|mov|mkv|webm|avi|ts|m2ts|mts|mpe?g|wmv|flv|ogv|3gp|mxf|y4m|gif)$/i;

/** Returns the videos of a folder, sorted by name, or the location itself if it is not a folder of videos. */
async function expand(input: string): Promise<string[]> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(input);
  } catch (error) {
    // A pattern of images is not a file; a missing file fails when it is processed.
    if (error instanceof Deno.errors.NotFound) return [input];
    throw new UsageError(`${input} cannot be read: ${fileReasonOf(error)}`, { code: "input-not-found" });
  }
  if (!info.isDirectory) return [input];
  const names = (await Array.fromAsync(Deno.readDir(input), ({ name }) => name))
    .filter((name) => !name.startsWith(".") && VIDEO.test(name)).sort();
  return names.length === 0 ? [input] : names.map((name) => join(input, name));
}

/** Returns the name of an input's output: the same name, or for a pattern of images the name of their folder. */
function ownName(input: string): string {
  return basename(/%0?\d*d/.test(basename(input)) ? resolve(dirname(input)) : resolve(input));
}

async function accepts(codecs: readonly MediaHandler[], location: string): Promise<boolean> {
  for (const { sink } of codecs) if (sink && await sink.accepts(location)) return true;
  return false;
}

/** Returns the output of an input: with the same extension if it can be written, otherwise Matroska, which supports most streams. */
async function outputFor(input: string, out: string, codecs: readonly MediaHandler[]): Promise<string> {
  const name = ownName(input), own = join(out, name);
  return await accepts(codecs, own) ? own : join(out, `${basename(name, extname(name))}.mkv`);
}

/** Returns the identity of a file: its device and inode, or its future path. */
async function identity(path: string): Promise<string> {
  const whole = await Deno.realPath(path).catch(async () =>
    join(await Deno.realPath(dirname(resolve(path))).catch(() => resolve(dirname(path))), basename(path))
  );
  // Some file systems ignore case, so names that differ only in case are refused everywhere.
  return whole.normalize().toLowerCase();
}

/**
 * Returns the videos of a batch and their outputs; writes nothing. A folder among the inputs means all its videos.
 *
 * @throws {UsageError} If two outputs would have the same name, or one would replace an input.
 */
export async function planBatch({ inputs, out }: Batch, codecs: readonly MediaHandler[]): Promise<readonly Target[]> {
  const stat = await Deno.stat(out).catch(() => undefined);
  if (stat && !stat.isDirectory) throw new UsageError(`\`out\` ${out} is a file; give a folder`);
  const targets: Target[] = [];
  for (const input of (await Promise.all(inputs.map(expand))).flat()) {
    targets.push({ input, output: await outputFor(input, out, codecs) });
  }
  const sources = new Map<string, string>(), results = new Map<string, string>();
  for (const { input } of targets) sources.set(await identity(input), input);
  for (const { input, output } of targets) {
    const id = await identity(output), source = sources.get(id), other = results.get(id);
    if (source !== undefined) {
      throw new UsageError(`${output} would replace the input ${source}; give another folder as \`out\``);
    }
    if (other !== undefined) {
      throw new UsageError(
        `${other} and ${input} would both become ${output}; rename one, or run them with different \`out\` folders`,
      );
    }
    results.set(id, input);
  }
  return targets;
}
