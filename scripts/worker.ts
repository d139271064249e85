/** `deno task worker`: plans, makes and joins videos of a queue. */
import { MODEL_OPTIONS } from "@slomo/slomo/options";
import { UsageError } from "@slomo/core";
import { isObjectLocation } from "@slomo/core/files";
import type { OptionTable } from "@slomo/core/options";
import { readEnvironment } from "@slomo/downloads";
import { openQueueServer, runWorker } from "@slomo/queue";
import { parseObjectLocation, readProfile, readStorageSettings } from "@slomo/storage/locations";
import { runScript, type Task } from "./_cli.ts";
import { type CommandDefinition, parseCommand, SHARED_OPTIONS } from "./_options.ts";
import { openSteps } from "./queue/steps.ts";

const OPTIONS = {
  allowRoot: {
    ...{ kind: "path", value: "DIR", group: "Worker" },
    help: "Read and write videos in DIR only, such as /videos or s3://BUCKET/PREFIX; several are separated by commas",
  },
  name: {
    ...{ kind: "text", value: "NAME", group: "Worker", default: "host and process" },
    help: "Name the worker in the progress of its videos",
  },
  lock: {
    ...{ kind: "number", min: 1, max: 86_400, value: "SECONDS", group: "Worker", default: "30" },
    help: "Give segments of a worker that does not answer for SECONDS to another worker",
  },
  scanOnly: {
    ...{ kind: "switch", group: "Worker" },
    help:
      "Only scan long videos for scene cuts and duplicate frames, before they are planned; needs no model and no GPU",
  },
  once: { kind: "switch", group: "Worker", help: "End when the queue is empty" },
  manifest: MODEL_OPTIONS.manifest,
  backend: MODEL_OPTIONS.backend,
  device: MODEL_OPTIONS.device,
  workers: MODEL_OPTIONS.workers,
  modelsUrl: MODEL_OPTIONS.modelsUrl,
  ffmpeg: MODEL_OPTIONS.ffmpeg,
  allowPlugins: SHARED_OPTIONS.allowPlugins,
} as const satisfies OptionTable;

/** The command line of `worker`. */
const WORKER: CommandDefinition<typeof OPTIONS> = {
  name: "worker",
  usage: ["URL --allow-root DIR [options]"],
  about: "Makes videos that `interpolate --queue` submits, one segment at a time. URL is a server of Redis, Valkey " +
    "or PostgreSQL: redis://HOST, rediss://USER:PASSWORD@HOST (with TLS), or postgres://USER:PASSWORD@HOST/DATABASE. Ctrl-C " +
    "and SIGTERM return the segment to the queue. Variables such as AWS_ACCESS_KEY_ID give access to objects (s3://).",
  options: OPTIONS,
};

/** @throws {UsageError} If an object storage is named that cannot be used: its location is wrong, or there are no credentials. */
async function checkObjectRoots(roots: readonly string[]): Promise<void> {
  const objects = roots.filter(isObjectLocation);
  for (const root of objects) parseObjectLocation(root);
  if (objects.length > 0) readStorageSettings(readEnvironment, await readProfile(readEnvironment));
}

/** The task `worker`. */
export const worker: Task = {
  commands: [WORKER],
  async run(args, io) {
    const parsed = parseCommand(WORKER, args, io);
    if (!parsed) return;
    const [address, ...more] = parsed.rest, { allowRoot, name, lock, once, scanOnly, ...own } = parsed.values;
    if (address === undefined || more.length > 0) throw new UsageError("give the URL of one server; see --help");
    if (allowRoot === undefined) {
      throw new UsageError(
        "give the folder of the videos with `allowRoot`: anyone who can write to the queue can use it",
        {
          option: "allowRoot",
        },
      );
    }
    const roots = allowRoot.split(",");
    await checkObjectRoots(roots);
    await using server = await openQueueServer(address);
    await using steps = await openSteps({ own, roots, note: io.err });
    const shown = name ?? `${Deno.hostname()}-${Deno.pid}`;
    await runWorker(server, { steps, name: shown, signal: io.signal, onNote: io.err, once, scanOnly, lock });
  },
};

if (import.meta.main) await runScript(worker);
