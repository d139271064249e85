import type { SegmentedConversion } from "@slomo/slomo";
import { readPlan, readShardSet, type StoredPlan } from "@slomo/slomo/segments";
import { UsageError } from "@slomo/core";
import { isObjectLocation } from "@slomo/core/files";
import { resolve } from "@std/path";
import type { TaskIo } from "../_cli.ts";
import { parseCommand } from "../_options.ts";
import { openFor } from "../interpolate/open.ts";
import { interpolateCommand, type InterpolateValues, type Target } from "../interpolate/options.ts";
import { createReporter, type Reporter } from "../interpolate/reporter.ts";
import { runInOrder } from "./in_order.ts";
import { folderOf, readCommand, storeCommand, unsetValues } from "./command.ts";
import { JOIN, MAKE, MERGE, PLAN, SCAN, segmentNumbers } from "./options.ts";

/** `segments plan`: plans a video. */
export async function planTask(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseCommand(PLAN, args, io);
  if (!parsed) return;
  const { shards, ...values } = parsed.values;
  const command = interpolateCommand({ ...unsetValues(), ...values }, parsed.rest), { options } = command;
  const videos = command.videos as Target, folder = folderOf(videos.output), report = createReporter(options, io);
  await using slomo = await openFor(command, report.note);
  await using video = await slomo.segments(videos.input, videos.output, { ...options, folder, signal: io.signal });
  const onEvent = report.event.bind(report), stored = storeCommand(folder, videos, command);
  const run = { command: stored, signal: io.signal, onEvent };
  if (shards === undefined) return showPlan(await video.plan(run), { folder, json: options.json, report, io });
  const missing = await video.split({ ...run, shards });
  report.note(`${folder}: ${shards} shards, ${missing.length} of them to scan`);
  if (options.json) report.fact({ type: "shards", folder, shards, missing: missing.length });
  else io.out(`${shards}`);
}

/** Shows a plan: the number of segments is the only line of output. */
function showPlan(
  { segments, frames }: StoredPlan,
  { folder, json, report, io }: {
    readonly folder: string;
    readonly json: boolean;
    readonly report: Reporter;
    readonly io: TaskIo;
  },
): void {
  report.close();
  report.note(`${folder}: ${segments} segments, ${frames} frames`);
  if (json) report.fact({ type: "segments", folder, segments, frames });
  else io.out(`${segments}`);
}

/** The video of a folder, which closes with its model. */
interface OpenedFolder extends AsyncDisposable {
  readonly video: SegmentedConversion;
}

/** Opens the video of a folder, with options of this machine. */
async function openFolder(
  folder: string | undefined,
  own: Partial<InterpolateValues>,
  note: (message: string) => void,
  signal: AbortSignal,
): Promise<OpenedFolder> {
  if (folder === undefined) throw new UsageError("give the FOLDER that `segments plan` has written; see --help");
  const plan = await readPlan(folder) ?? await readShardSet(folder);
  if (!plan) {
    throw new UsageError(`${folder}: has no plan of segments; plan them first. It is removed when they are joined`, {
      code: "input-not-found",
    });
  }
  const command = readCommand(isObjectLocation(folder) ? folder : resolve(folder), plan.command, own),
    { videos: { input, output }, options } = command;
  await using stack = new AsyncDisposableStack();
  const slomo = stack.use(await openFor(command, note));
  const video = stack.use(await slomo.segments(input, output, { ...options, folder, signal }));
  const opened = stack.move();
  return { video, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const SHARDS = {
  name: "shard",
  step: "scan",
  work: "shards to scan",
  states: { made: "scanned", present: "was scanned before" },
} as const;

const SEGMENTS = {
  name: "segment",
  step: "make",
  work: "segments to make",
  states: { made: "made", present: "exists already" },
} as const;

/** Runs a step for each shard or segment that a command line names, and reports how it ended. */
async function runNumbered(
  { name, step, work, states }: typeof SHARDS | typeof SEGMENTS,
  { values, rest: [folder, ...numbers] }: {
    readonly values: Partial<InterpolateValues> & { readonly json: boolean; readonly quiet: boolean };
    readonly rest: readonly string[];
  },
  io: TaskIo,
): Promise<void> {
  const { signal } = io, { note } = createReporter(values, io);
  await using opened = await openFolder(folder, values, note, signal);
  await runInOrder((signal) => segmentNumbers(numbers, { input: Deno.stdin.readable, signal, work }), {
    signal,
    step: (index, run) => opened.video[step](index, run),
    reportOf(index) {
      const report = createReporter(values, io);
      return {
        onEvent: report.event.bind(report),
        onResult(state) {
          report.close();
          report.note(`${name} ${index}: ${states[state]}`);
          report.fact({ type: name, [name]: index, state });
        },
      };
    },
  });
}

/** `segments scan`: scans shards. */
export async function scanTask(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseCommand(SCAN, args, io);
  if (parsed) await runNumbered(SHARDS, parsed, io);
}

/** `segments merge`: plans the segments from the shards. */
export async function mergeTask(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseCommand(MERGE, args, io);
  if (!parsed) return;
  const { values: { json }, rest: [folder, ...more] } = parsed, report = createReporter(parsed.values, io);
  if (more.length > 0) throw new UsageError(`give one FOLDER; got ${parsed.rest.length} names; see --help`);
  await using opened = await openFolder(folder, parsed.values, report.note, io.signal);
  const plan = await opened.video.merge({ signal: io.signal, onEvent: report.event.bind(report) });
  showPlan(plan, { folder: opened.video.folder, json, report, io });
}

/** `segments make`: makes segments. */
export async function makeTask(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseCommand(MAKE, args, io);
  if (parsed) await runNumbered(SEGMENTS, parsed, io);
}

/** `segments join`: joins the segments. */
export async function joinTask(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseCommand(JOIN, args, io);
  if (!parsed) return;
  const [folder, ...more] = parsed.rest, { signal } = io, report = createReporter(parsed.values, io);
  if (more.length > 0) throw new UsageError(`give one FOLDER; got ${parsed.rest.length} names; see --help`);
  await using opened = await openFolder(folder, parsed.values, report.note, signal);
  await opened.video.join({ signal, onEvent: report.event.bind(report) });
  const { output } = opened.video;
  report.note(`${output}: joined`);
  report.fact({ type: "done", output });
}
