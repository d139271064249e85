/** `deno task interpolate`: a video in, a video with more frames out; or many of them. */
import config from "../deno.json" with { type: "json" };
import { runScript, type Task, type TaskIo } from "./_cli.ts";
import { interpolateVideo } from "./interpolate/video.ts";
import { HELP, type InterpolateCommand, parseInterpolate } from "./interpolate/options.ts";
import { runBatch } from "./interpolate/run_batch.ts";
import { createReporter } from "./interpolate/reporter.ts";
import { openSession } from "./interpolate/session.ts";

async function interpolateVideos(command: InterpolateCommand, io: TaskIo): Promise<void> {
  const { videos, flowOut } = command, { note } = createReporter(command, io);
  await using slomo = await openSession(command, note);
  if ("out" in videos) await runBatch(videos, { command, slomo, io });
  else await interpolateVideo(videos, { command, slomo, flowOut, io });
}

/** The task `interpolate`. */
export const interpolate: Task = async (args, io) => {
  const command = parseInterpolate(args);
  if (command === "help") io.out(HELP);
  else if (command === "version") io.out(`slomo ${config.version}`);
  else await interpolateVideos(command, io);
};

if (import.meta.main) await runScript(interpolate);
