/** Starts the server of the page. */
import { fileReasonOf, JobError, reasonOf, UsageError } from "@slomo/core";
import { FileLock } from "@slomo/core/files";
import { installedModels } from "@slomo/slomo/install";
import { openManifest } from "@slomo/slomo/manifest";
import type { SlomoOptions } from "@slomo/slomo";
import { join } from "@std/path";
import { Queue } from "../queue/queue.ts";
import { JobStore } from "../queue/store.ts";
import type { AppState } from "../shared/types.ts";
import { Access } from "./access.ts";
import { buildPage } from "./bundle.ts";
import { conversions } from "./convert.ts";
import { remoteConversions, type RemoteQueue } from "./remote.ts";
import { Folders } from "./folders.ts";
import { Models } from "./models.ts";
import { type Api, createApp } from "./routes.ts";
import { clearUploads } from "./uploads.ts";

/** Options of {@linkcode startWeb}. */
export interface WebOptions {
  /** Folders from which the page opens files. */
  readonly folders: readonly string[];
  /** Folder for uploads and results. @default {the first of `folders`} */
  readonly out?: string | undefined;
  /** Address to listen on. Other addresses than that of this machine itself need a `password`. @default {"127.0.0.1"} */
  readonly host?: string | undefined;
  /** Port; 0 for any free one. @default {7272} */
  readonly port?: number | undefined;
  /** Password for other machines. */
  readonly password?: string | undefined;
  /** Most bytes of one upload. @default {64 GB} */
  readonly uploadLimit?: number | undefined;
  /** Options of `openSlomo` for all conversions and previews. */
  readonly slomo?: SlomoOptions | undefined;
  /** The same options as flags, for the command that the page shows. */
  readonly flags?: readonly string[] | undefined;
  /** Workers that make the videos, in place of this machine. They need the same folders. */
  readonly remote?: RemoteQueue | undefined;
  /** Version that the page shows. */
  readonly version?: string | undefined;
}

/** A running server. */
export interface WebServer extends AsyncDisposable {
  /** Address to open, with the token. */
  readonly url: string;
  /** Number of jobs that wait or continue. */
  readonly waiting: number;
  /** Ends with the server. */
  readonly finished: Promise<void>;
}

/** The parts of a server, for tests without a network. */
export interface WebParts extends AsyncDisposable {
  /** Answers requests. */
  readonly app: Api;
  /** Checks requests. */
  readonly access: Access;
  /** The jobs. */
  readonly queue: Queue;
}

const PORT = 7272;

const LOCAL = ["127.0.0.1", "localhost", "::1"];
const UPLOAD_LIMIT = 64e9;

/** Name of the hidden folder for the queue and unfinished work. */
const HIDDEN = ".slomo-web";

/** Locks a folder, so that two servers do not run the same queue. */
async function lockFolder(path: string): Promise<FileLock> {
  const taken = await FileLock.take(join(path, "lock"));
  if (taken) return taken;
  throw new UsageError("web: cannot use the output folder: another page is using it; end that one, or set `out`", {
    code: "output-busy",
    option: "out",
  });
}

async function makeHidden(out: string): Promise<string> {
  const hidden = join(out, HIDDEN);
  try {
    await Deno.mkdir(join(hidden, "jobs"), { recursive: true, mode: 0o700 });
    return hidden;
  } catch (error) {
    throw new UsageError(
      `web: cannot write into ${out}: ${reasonOf(error)}; set \`out\` to a folder that can be written`,
      {
        code: "output-unwritable",
        option: "out",
      },
    );
  }
}

/** @throws {UsageError} If the host is neither a name nor an address, or lets other machines connect without a password. */
function checkHost(host: string, password: string | undefined): void {
  const isName = host.length < 254 && /^[\w-]{1,63}(\.[\w-]{1,63})*$/.test(host);
  const isHost = host.includes(":") ? URL.canParse(`http://[${host}]`) : isName;
  if (!isHost) {
    throw new UsageError(
      `web: cannot listen on ${host}: it is neither a host name nor an address; set \`host\` to one without a scheme and a ` +
        "port, such as 0.0.0.0",
      { option: "host" },
    );
  }
  if (LOCAL.includes(host) || password) return;
  throw new UsageError(`\`host\` ${host} lets other machines connect and needs a password; set SLOMO_WEB_PASSWORD`, {
    option: "host",
  });
}

/** @throws {UsageError | JobError} If the server cannot listen on the address. */
function listen(hostname: string, port: number, app: Api, signal: AbortSignal): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname, port, signal, onListen: () => {} }, (request) => app.fetch(request));
  } catch (error) {
    throw listenError(error, hostname, port);
  }
}

/** Returns the error for an address on which the server cannot listen. */
function listenError(error: unknown, host: string, port: number): Error {
  if (error instanceof Deno.errors.AddrInUse) {
    return new JobError(`web: cannot listen on port ${port}: another program does; set \`port\` to another one`);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new UsageError(`web: cannot listen on port ${port}: permission is denied; set \`port\` to one above 1023`, {
      option: "port",
    });
  }
  return new UsageError(
    `web: cannot listen on ${host}: ${fileReasonOf(error)}; set \`host\` to an address of this machine`,
    { option: "host" },
  );
}

/**
 * Opens everything that the page needs, without listening.
 *
 * @throws {UsageError} If a folder or an option is wrong.
 */
export async function openWeb(options: WebOptions): Promise<WebParts> {
  const { host = LOCAL[0]!, password, uploadLimit = UPLOAD_LIMIT, slomo = {}, flags = [], version = "", remote } =
    options;
  checkHost(host, password);
  const folders = await Folders.open(options.folders, options.out ?? options.folders[0] ?? ".");
  const stack = new AsyncDisposableStack(), hidden = await makeHidden(folders.out);
  try {
    stack.use(await lockFolder(hidden));
    const partial = join(hidden, "uploads"), manifest = await openManifest(slomo);
    await clearUploads(partial);
    const store = stack.use(new JobStore(join(hidden, "queue.db")));
    const listeners = new Set<() => void>();
    const work = { folders, work: join(hidden, "jobs") };
    const runs = remote ? remoteConversions({ ...work, remote }) : conversions({ ...work, base: slomo });
    const queue = new Queue(store, { ...runs, onChange: () => listeners.forEach((call) => call()) });
    stack.defer(() => queue.close());
    const access = new Access({ host, password }), models = stack.use(new Models(slomo));
    const state: AppState = {
      ...{ version, uploadLimit, flags, queueServer: remote?.name },
      folders: folders.names,
      out: folders.outNumber,
      outPath: folders.out,
      models: [
        ...new Set([...Object.keys(manifest.models ?? {}), ...(await installedModels()).map(({ name }) => name)]),
      ],
    };
    const app = createApp({
      ...{ access, folders, models, queue, state },
      uploads: { folder: folders.out, partial, limit: uploadLimit },
      onJobs(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    });
    return { app, access, queue, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/**
 * Starts the server of the page and the jobs that wait.
 *
 * @throws {UsageError} If a folder or an option is wrong, or another server uses the output folder.
 * @throws {JobError} If the port is in use.
 *
 * @example
 * ```ts
 * import { startWeb } from "@slomo/web";
 *
 * async function serve(folder: string) {
 *   await using server = await startWeb({ folders: [folder], port: 0 });
 *   console.log(server.url);
 *   await server.finished;
 * }
 * ```
 */
export async function startWeb(options: WebOptions): Promise<WebServer> {
  const { host = LOCAL[0]!, port = PORT } = options, parts = await openWeb(options);
  const stop = new AbortController();
  try {
    await buildPage();
    const server = listen(host, port, parts.app, stop.signal);
    const name = host.includes(":") ? `[${host}]` : host === "0.0.0.0" ? "127.0.0.1" : host;
    parts.queue.start();
    return {
      url: `http://${name}:${server.addr.port}/?token=${parts.access.token}`,
      waiting: parts.queue.jobs().filter(({ state }) => state === "queued" || state === "running").length,
      finished: server.finished,
      async [Symbol.asyncDispose]() {
        stop.abort();
        await server.finished;
        await parts[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await parts[Symbol.asyncDispose]();
    throw error;
  }
}
