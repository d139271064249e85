/** `deno task interpolate`: interpolates one video, or many of them. */
import config from "./deno.json" with { type: "json" };
import { runScript, type Task, type TaskIo } from "./_cli.ts";
import { parseCommand } from "./_options.ts";
import { interpolateVideo } from "./interpolate/video.ts";
import { INTERPOLATE, type InterpolateCommand, interpolateCommand } from "./interpolate/options.ts";
import { openFor } from "./interpolate/open.ts";
import { runBatch } from "./interpolate/run_batch.ts";
import { createReporter } from "./interpolate/reporter.ts";

async function interpolateVideos(command: InterpolateCommand, io: TaskIo): Promise<void> {
  const { videos, options: { flowOut, queue } } = command, { note } = createReporter(command.options, io);
  if (queue !== undefined) return await (await import("./queue/submit.ts")).submitVideos(command, queue, io);
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
