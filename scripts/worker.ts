/** `deno task worker`: plans, makes and joins videos of a queue. */
import { MODEL_OPTIONS } from "@slomo/slomo/options";
import { UsageError } from "@slomo/core";
import { isObjectLocation } from "@slomo/core/files";
import type { OptionTable } from "@slomo/core/options";
import { readEnvironment } from "@slomo/downloads";
import { openQueueServer, runWorker } from "@slomo/queue";
import { parseObjectLocation, readProfile, readStorageSettings } from "@slomo/storage/locations";
import { runScript, type Task } from "./_cli.ts";
import { checkDevice } from "./_device.ts";
import { type CommandDefinition, parseCommand, SHARED_OPTIONS } from "./_options.ts";
import { inFlags, WORKER_OPTIONS } from "./queue/worker_options.ts";
import { openSteps } from "./queue/steps.ts";

const OPTIONS = {
  ...WORKER_OPTIONS,
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

/** @throws {UsageError} If a root is not a folder. */
async function checkFolderRoots(roots: readonly string[]): Promise<void> {
  for (const root of roots) {
    if (isObjectLocation(root) || (await Deno.stat(root).catch(() => undefined))?.isDirectory) continue;
    throw new UsageError(
      `${root}: cannot allow workers to use it: it is not a folder; create it, or correct \`allowRoot\``,
      {
        option: "allowRoot",
      },
    );
  }
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
    await checkFolderRoots(roots);
    if (own.device?.includes(",")) {
      throw new UsageError("`device` of a worker is one device; start a worker per device", { option: "device" });
    }
    if (!scanOnly) await checkDevice(own);
    const note = (message: string) => io.err(inFlags(message)), shown = name ?? `${Deno.hostname()}-${Deno.pid}`;
    await using server = await openQueueServer(address);
    await using steps = await openSteps({ own, roots, note });
    await runWorker(server, { steps, name: shown, signal: io.signal, onNote: note, once, scanOnly, lock });
  },
};

if (import.meta.main) await runScript(worker);
