/** One video on several devices of this machine: a process per device makes segments, and this one plans and joins them. */
import { JobError, reasonOf, UsageError } from "@slomo/core";
import type { JobSummary, SegmentedConversion, Slomo } from "@slomo/slomo";
import { fromFileUrl } from "@std/path";
import type { TaskIo } from "../_cli.ts";
import { DEVICE_FLAGS } from "../_devices.ts";
import { folderOf, storeCommand } from "../segments/command.ts";
import type { InterpolateCommand, Target } from "./options.ts";
import type { Reporter } from "./reporter.ts";

/** A device, and how a process of it is started. */
export interface DeviceProcess {
  /** The device as it was given. */
  readonly name: string;
  /** Value of `--device`. */
  readonly device: string;
  /** Further environment variables. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Returns the devices of a list such as `cuda:0,cuda:1`; `undefined` if one device is named, or none.
 *
 * @throws {UsageError} If the list has an empty name.
 */
export function devicesOf(device: string | undefined): readonly DeviceProcess[] | undefined {
  if (device === undefined || !device.includes(",")) return undefined;
  return device.split(",").map((text) => {
    const name = text.trim(), number = /^cuda:(\d+)$/.exec(name)?.[1];
    if (name === "") {
      throw new UsageError(`\`device\` must be a device, or several separated by commas, got "${device}"`, {
        option: "device",
      });
    }
    // A process sees one GPU of NVIDIA only, which is then the first.
    if (number !== undefined) return { name, device: "cuda", env: { CUDA_VISIBLE_DEVICES: number } };
    return { name, device: name, env: {} };
  });
}

/** A line that a process prints. */
type Line =
  | { readonly type: "frame"; readonly done: number; readonly total: number }
  | { readonly type: "segment"; readonly segment: number }
  | { readonly type: "warning" | "note"; readonly message: string };

/** A process that makes segments in the order in which it gets them. It prepares one while it ends the one before. */
class DeviceWorker {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<Line>;
  readonly #errors: Promise<string>;

  constructor(
    { device, env }: DeviceProcess,
    { folder, workers, args }: { readonly folder: string; readonly workers: number; readonly args: readonly string[] },
  ) {
    const flags = JSON.parse(Deno.env.get(DEVICE_FLAGS) ?? '["-A"]') as string[];
    const script = new URL("../segments.ts", import.meta.url);
    const url = script.protocol === "file:" ? fromFileUrl(script) : script.href;
    const own = ["make", folder, "-", "--device", device, "--workers", `${workers}`, "--json", ...args];
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", ...flags, url, ...own],
      env: { ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
    this.#errors = new Response(this.#child.stderr).text();
  }

  /** Gives it a segment to make. If the process has failed, `made` says so. */
  give(segment: number): void {
    this.#input.write(new TextEncoder().encode(`${segment}\n`)).catch(() => {});
  }

  /** Waits until a segment is made. @throws {JobError} If the process failed. */
  async made(segment: number, onLine: (line: Line) => void): Promise<void> {
    for (;;) {
      const { done, value } = await this.#lines.next();
      if (done) throw await this.#failure();
      onLine(value);
      if (value.type === "segment" && value.segment === segment) return;
    }
  }

  /** Returns the error that the process has printed. */
  async #failure(): Promise<JobError> {
    const errors = (await this.#errors).trim().split("\n").filter((line) => line.startsWith("slomo: "));
    const { code, signal } = await this.#child.status;
    const last = errors.at(-1)?.replace("slomo: ", "");
    return new JobError(last ?? `its process ended with ${signal ?? `code ${code}`}`, { code: "worker-failed" });
  }

  /** Ends the process, and waits for it. */
  async close(isStopped: boolean): Promise<void> {
    if (isStopped) {
      try {
        this.#child.kill("SIGTERM");
      } catch {
        // It has ended.
      }
    }
    await this.#input.close().catch(() => {});
    await this.#child.status;
    await this.#errors;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Line> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (line !== "") yield JSON.parse(line) as Line;
  }
}

/** How to interpolate a video on several devices. */
export interface DeviceRun {
  /** The command line. */
  readonly command: InterpolateCommand;
  /** Opens the video. It computes nothing itself. */
  readonly slomo: Slomo;
  /** The devices. */
  readonly devices: readonly DeviceProcess[];
  /** Folder for flow and visibility. */
  readonly flowOut: string | undefined;
  /** Receives progress. */
  readonly report: Reporter;
  /** Stops the work. */
  readonly io: TaskIo;
}

/** @throws {UsageError} If an earlier run has left segments, and they may not be used. */
async function checkFolder(folder: string, resume: boolean): Promise<void> {
  if (resume || !await Deno.stat(folder).catch(() => undefined)) return;
  throw new UsageError(
    `${folder}: has segments of an interrupted run; set \`resume\` to use them, or remove the folder`,
    { code: "output-exists", option: "resume" },
  );
}

/**
 * Interpolates a video on several devices. A device that fails is left out, and the others make its segments.
 *
 * @throws {JobError} If all devices failed. Finished segments are kept for `--resume`.
 */
export async function convertOnDevices({ input, output }: Target, run: DeviceRun): Promise<JobSummary> {
  const { command, slomo, flowOut, report, io: { signal } } = run, { options } = command;
  const folder = folderOf(output), onEvent = report.event.bind(report);
  await using video = await slomo.segments(input, output, { ...options, flowOut, folder, signal });
  await checkFolder(folder, options.resume);
  const stored = storeCommand(folder, { input, output }, { options: { ...options, flowOut, device: undefined } });
  const plan = await video.plan({ command: stored, signal, onEvent });
  const missing = await video.missing();
  if (missing.length < plan.segments) {
    report.note(`continuing after the ${plan.segments - missing.length} segments that an interrupted run has finished`);
  }
  try {
    await makeAll(video, missing, plan, run);
    await video.join({ signal, onEvent });
  } catch (error) {
    await leave(video, plan.segments, report);
    throw error;
  }
  const { sourceFrames: read, frames: written, interpolated, cuts, duplicates } = plan;
  return { read, written, interpolated, cuts, duplicates };
}

/** Removes the folder if no segment is finished, or says that it is kept. */
async function leave(video: SegmentedConversion, segments: number, report: Reporter): Promise<void> {
  const left = await video.missing().catch(() => undefined);
  if (left === undefined) return;
  if (left.length === segments) return await Deno.remove(video.folder, { recursive: true });
  report.note(
    `the ${
      segments - left.length
    } of ${segments} segments finished so far are kept in ${video.folder}; set \`resume\` to ` +
      "continue after them",
  );
}

async function makeAll(
  { folder }: SegmentedConversion,
  missing: number[],
  { frames, segments }: { readonly frames: number; readonly segments: number },
  { command: { options }, devices, report, io: { signal } }: DeviceRun,
): Promise<void> {
  const { createEndWatch } = await import("@slomo/core/segments");
  const counts = new Map<DeviceProcess, number>(), failures = new Map<DeviceProcess, string>();
  let finished = Math.round((segments - missing.length) * frames / segments);
  const progress = () => {
    const done = Math.min(frames, finished + [...counts.values()].reduce((sum, count) => sum + count, 0));
    report.event({ type: "frame", done, interpolated: 0, total: frames });
  };
  const workers = options.workers ?? Math.max(1, Math.floor(navigator.hardwareConcurrency / devices.length));
  const args = [
    ...options.ffmpeg === undefined ? [] : ["--ffmpeg", options.ffmpeg],
    ...options.modelsUrl === undefined ? [] : ["--models-url", options.modelsUrl],
    ...options.allowPlugins ? ["--allow-plugins"] : [],
  ];
  async function work(device: DeviceProcess): Promise<void> {
    const worker = new DeviceWorker(device, { folder, workers, args });
    const stop = () => void worker.close(true);
    signal.addEventListener("abort", stop, { once: true });
    const given: number[] = [];
    const giveNext = () => {
      const segment = missing.shift();
      if (segment === undefined) return;
      given.push(segment);
      worker.give(segment);
    };
    try {
      giveNext();
      while (!signal.aborted && given.length > 0) {
        const isNearEnd = createEndWatch();
        await worker.made(given[0]!, (line) => {
          if (line.type === "frame" && given.length === 1 && isNearEnd(line.done, line.total)) giveNext();
          if (line.type === "warning") report.warn(`${device.name}: ${line.message}`);
          if (line.type === "frame") counts.set(device, line.done);
          if (line.type === "segment") finished += counts.get(device) ?? 0;
          if (line.type === "segment") counts.delete(device);
          if (line.type !== "warning") progress();
        });
        given.shift();
        if (given.length === 0) giveNext();
      }
    } catch (error) {
      if (signal.aborted) return;
      counts.delete(device);
      missing.push(...given);
      failures.set(device, `${device.name}: ${reasonOf(error)}`);
      if (failures.size < devices.length) report.warn(`device ${failures.get(device)}; the other devices continue`);
    } finally {
      signal.removeEventListener("abort", stop);
      await worker.close(signal.aborted);
    }
  }
  // A device may have nothing left to do before another one fails.
  while (missing.length > 0 && failures.size < devices.length) {
    await Promise.all(devices.filter((device) => !failures.has(device)).map(work));
    signal.throwIfAborted();
  }
  if (missing.length === 0) return;
  throw new JobError(`no device could make the segments: ${[...new Set(failures.values())].join("; ")}`);
}
