/** `deno task interpolate`: interpolates one video, or many of them. */
import { UsageError } from "@slomo/core";
import { isObjectLocation } from "@slomo/core/files";
import config from "./deno.json" with { type: "json" };
import { runScript, type Task, type TaskIo } from "./_cli.ts";
import { parseCommand } from "./_options.ts";
import { interpolateVideo } from "./interpolate/video.ts";
import { INTERPOLATE, type InterpolateCommand, interpolateCommand } from "./interpolate/options.ts";
import { openFor } from "./interpolate/open.ts";
import { runBatch } from "./interpolate/run_batch.ts";
import { createReporter } from "./interpolate/reporter.ts";

/** @throws {UsageError} If a location is in an object storage, where a video is only made in segments. */
function refuseObjects(locations: readonly string[]): void {
  const location = locations.find(isObjectLocation);
  if (location === undefined) return;
  throw new UsageError(
    `${location}: cannot use an object without \`queue\`; submit the video to workers, or use the task segments`,
    { option: "queue" },
  );
}

async function interpolateVideos(command: InterpolateCommand, io: TaskIo): Promise<void> {
  const { videos, options: { flowOut, queue } } = command, { note } = createReporter(command.options, io);
  if (queue !== undefined) return await (await import("./queue/submit.ts")).submitVideos(command, queue, io);
  refuseObjects("out" in videos ? [...videos.inputs, videos.out] : [videos.input, videos.output]);
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
