/** `deno task web`: serves a page to interpolate videos in the browser. */
import { createToolkit, type ResolvedManifest } from "@slomo/core/manifest";
import { flagOf, type OptionTable, type OptionValues } from "@slomo/core/options";
import { openWeightsFile } from "@slomo/slomo/models";
import { MODEL_OPTIONS } from "@slomo/slomo/options";
import { readEnvironment } from "@slomo/downloads";
import { startWeb } from "@slomo/web";
import config from "./deno.json" with { type: "json" };
import { checkDevice } from "./_device.ts";
import { runScript, type Task } from "./_cli.ts";
import { memoryLimit } from "./_memory.ts";
import { pageQueue } from "./queue/page.ts";
import { type CommandDefinition, parseCommand, SHARED_OPTIONS } from "./_options.ts";
import { readManifest } from "./_toolkit.ts";

const GROUP = "Server";

const OPTIONS = {
  folder: {
    ...{ kind: "path", value: "DIR", group: GROUP, default: "current folder" },
    help: "Open videos of DIR and its subfolders; give more folders as arguments",
  },
  out: {
    ...{ kind: "path", value: "DIR", group: GROUP, default: "the first folder" },
    help: "Write results and uploads into DIR",
  },
  port: {
    ...{ kind: "number", min: 0, max: 65535, isInteger: true, value: "N", group: GROUP, default: "7272" },
    help: "Listen on port N; 0 for any free port",
  },
  host: {
    ...{ kind: "text", value: "ADDRESS", group: GROUP, default: "127.0.0.1, for this machine only" },
    help: "Listen on ADDRESS for other machines too; needs a password in $SLOMO_WEB_PASSWORD",
  },
  maxUpload: {
    ...{ kind: "number", min: 0, max: 1e6, isAboveMin: true, value: "GB", group: GROUP, default: "64" },
    help: "Refuse uploads of more than GB gigabytes",
  },
  queue: {
    ...{ kind: "text", value: "URL", group: GROUP },
    help: "Let workers make the videos: submit jobs to a server of Redis, Valkey or PostgreSQL",
  },
  weights: MODEL_OPTIONS.weights,
  modelsUrl: MODEL_OPTIONS.modelsUrl,
  manifest: MODEL_OPTIONS.manifest,
  backend: MODEL_OPTIONS.backend,
  device: MODEL_OPTIONS.device,
  workers: MODEL_OPTIONS.workers,
  allowPlugins: SHARED_OPTIONS.allowPlugins,
  ffmpeg: MODEL_OPTIONS.ffmpeg,
} as const satisfies OptionTable;

/** The command line of `web`. */
export const WEB: CommandDefinition<typeof OPTIONS> = {
  name: "web",
  usage: ["[DIR...] [options]"],
  about: "Opens a page on this machine: choose a video, preview interpolated frames, run conversions in a queue, and " +
    "compare results. Prints the address to open, which has a token that is new at each start.",
  options: OPTIONS,
};

/** Options that every conversion of the page has, which the command that it shows has too. */
const TOLD = ["weights", "modelsUrl", "manifest", "backend", "device", "workers", "ffmpeg"] as const;

/** Connects to a queue server. Loads its clients only here, because only tasks with `--queue` have permissions for them. */
async function connect(url: string, connections: AsyncDisposableStack): Promise<ReturnType<typeof pageQueue>> {
  const { openQueueServer, QueueClient } = await import("@slomo/queue");
  const workers = connections.use(await openQueueServer(url));
  return pageQueue(workers, connections.use(new QueueClient(workers)));
}

/**
 * Checks the backend, the device and the weights at the start, because only the first preview or job uses them.
 *
 * @throws {UsageError} If one of them does not exist, does not work on this machine, or does not match the manifest.
 */
async function checkModel(
  { weights, modelsUrl, ...own }: Partial<OptionValues<typeof OPTIONS>>,
  manifest: ResolvedManifest,
): Promise<void> {
  await checkDevice(own);
  if (weights === undefined) return;
  const { facts } = await openWeightsFile(weights, { modelsUrl });
  (await createToolkit(manifest)).forWeights(facts, []);
}

/** The task `web`. */
export const web: Task = {
  commands: [WEB],
  async run(args, io) {
    const parsed = parseCommand(WEB, args, io);
    if (!parsed) return;
    const { folder, out, port, host, maxUpload, queue, ...model } = parsed.values;
    const folders = [...folder === undefined ? [] : [folder], ...parsed.rest];
    const { allowPlugins: _, ...options } = model, manifest = await readManifest(model);
    await checkModel(model, manifest);
    await using connections = new AsyncDisposableStack();
    const remote = queue === undefined ? undefined : await connect(queue, connections);
    await using server = await startWeb({
      folders: folders.length > 0 ? folders : ["."],
      ...{ out, port, host, remote, version: config.version },
      password: readEnvironment("SLOMO_WEB_PASSWORD") || undefined,
      uploadLimit: maxUpload && maxUpload * 1e9,
      slomo: { ...options, manifest, memoryLimit: memoryLimit() },
      flags: TOLD.flatMap((name) => options[name] === undefined ? [] : [`--${flagOf(name, {})}`, `${options[name]}`]),
    });
    io.out(server.url);
    if (server.waiting > 0) {
      io.err(`${server.waiting} ${server.waiting === 1 ? "job of the queue continues" : "jobs of the queue continue"}`);
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    io.signal.addEventListener("abort", () => resolve(), { once: true });
    if (!io.signal.aborted) await Promise.race([promise, server.finished]);
  },
};

if (import.meta.main) await runScript(web);
