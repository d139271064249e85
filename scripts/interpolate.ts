/** `deno task interpolate`: interpolates one video, or many of them. */
import { UsageError } from "@slomo/core";
import { isObjectLocation } from "@slomo/core/files";
import config from "./deno.json" with { type: "json" };
import { runScript, type Task, type TaskIo } from "./_cli.ts";
import { parseCommand } from "./_options.ts";
import { devicesOf } from "./interpolate/devices.ts";
import { interpolateVideo } from "./interpolate/video.ts";
import { INTERPOLATE, type InterpolateCommand, interpolateCommand } from "./interpolate/options.ts";
import { openFor } from "./interpolate/open.ts";
import { runBatch } from "./interpolate/run_batch.ts";
import { createReporter } from "./interpolate/reporter.ts";

/** @throws {UsageError} If there are objects among several videos, or with several devices. */
function checkObjects({ videos, options: { device } }: InterpolateCommand): void {
  const isBatch = "out" in videos, locations = isBatch ? [...videos.inputs, videos.out] : [videos.input, videos.output];
  const location = locations.find(isObjectLocation), isSeveral = devicesOf(device) !== undefined;
  if (location === undefined || !isBatch && !isSeveral) return;
  const what = isBatch ? "in a batch; name one video and its output" : "with several devices; name one device";
  throw new UsageError(`${location}: cannot use objects ${what}, or submit the video to workers with \`queue\``, {
    option: "queue",
  });
}

/** @throws {UsageError} If there is an option of a queue, and no queue. */
function checkQueueOptions({ queue, detach, priority, shards }: InterpolateCommand["options"]): void {
  if (queue !== undefined) return;
  for (const [option, value] of Object.entries({ detach: detach || undefined, priority, shards })) {
    if (value === undefined) continue;
    throw new UsageError(`\`${option}\` needs \`queue\`: it is an option of videos that workers make`, { option });
  }
}

async function interpolateVideos(command: InterpolateCommand, io: TaskIo): Promise<void> {
  const { videos, options: { flowOut, queue } } = command, { note } = createReporter(command.options, io);
  checkQueueOptions(command.options);
  if (queue !== undefined) return await (await import("./queue/submit.ts")).submitVideos(command, queue, io);
  checkObjects(command);
  await using slomo = await openFor(command, note);
  if ("out" in videos) await runBatch(videos, { command, slomo, io });
  else await interpolateVideo(videos, { command, slomo, flowOut, io });
}

/** The task `interpolate`. */
export const interpolate: Task = {
  commands: [INTERPOLATE],
  async run(args, io) {
    const parsed = parseCommand(INTERPOLATE, args, io);
    if (parsed?.values.version) io.out(`slomo ${config.version}`);
    else if (parsed) await interpolateVideos(interpolateCommand(parsed.values, parsed.rest), io);
  },
};

if (import.meta.main) await runScript(interpolate);
