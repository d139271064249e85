/** `deno task interpolate`: interpolates one video, or many of them. */
import { type DownloadProgress, openSlomo, type Slomo } from "@slomo/slomo";
import config from "./deno.json" with { type: "json" };
import { runScript, type Task, type TaskIo } from "./_cli.ts";
import { memoryLimit } from "./_memory.ts";
import { parseCommand } from "./_options.ts";
import { readManifest } from "./_toolkit.ts";
import { interpolateVideo } from "./interpolate/video.ts";
import { INTERPOLATE, type InterpolateCommand, interpolateCommand } from "./interpolate/options.ts";
import { runBatch } from "./interpolate/run_batch.ts";
import { createReporter } from "./interpolate/reporter.ts";

/** Opens slomo with the options of a command line. `onNote` receives the chosen backend, device and tiles when the model is opened. */
async function open({ options }: InterpolateCommand, onNote: (message: string) => void): Promise<Slomo> {
  const manifest = await readManifest(options);
  let downloading: string | undefined;
  const onDownload = ({ file, total }: DownloadProgress) => {
    if (downloading !== file) onNote(`downloading ${file} (${Math.round(total / 1e6)} MB)`);
    downloading = file;
  };
  return await openSlomo({ ...options, manifest, model: undefined, memoryLimit: memoryLimit(), onNote, onDownload });
}

async function interpolateVideos(command: InterpolateCommand, io: TaskIo): Promise<void> {
  const { videos, options: { flowOut } } = command, { note } = createReporter(command.options, io);
  await using slomo = await open(command, note);
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
