/** `deno task interpolate`: a video in, a video with more frames out; or many of them. */
import config from "../deno.json" with { type: "json" };
import { runScript } from "./_cli.ts";
import { interpolateVideo } from "./interpolate/video.ts";
import { HELP, type InterpolateCommand, parseInterpolate } from "./interpolate/options.ts";
import { runBatch } from "./interpolate/run_batch.ts";
import { openSession } from "./interpolate/session.ts";

async function interpolate(command: InterpolateCommand, signal: AbortSignal): Promise<void> {
  const session = await openSession(command), { videos, flowOut } = command;
  try {
    if ("out" in videos) await runBatch(videos, { command, session, signal });
    else await interpolateVideo(videos, { command, session, flowOut, signal });
  } finally {
    await session.close();
  }
}

await runScript(async (args, signal) => {
  const command = parseInterpolate(args);
  if (command === "help") console.log(HELP);
  else if (command === "version") console.log(`slomo ${config.version}`);
  else await interpolate(command, signal);
});
