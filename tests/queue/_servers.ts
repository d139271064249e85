/** Servers of Redis and PostgreSQL in temporary folders, and workers in separate processes, for tests of the queue. */
import { join } from "@std/path";
import type { QueueClient, VideoState } from "@slomo/queue";
import { SEGMENTS } from "../_segments.ts";
import { inRepo, NO_WORKERS } from "../_tools.ts";

/** A server that a test starts and stops. */
export interface TestServer extends AsyncDisposable {
  /** Its URL. */
  readonly url: string;
  /** Kills it. */
  stop(): Promise<void>;
  /** Starts it again, with its data or without. */
  restart(options: { readonly keepsData: boolean }): Promise<void>;
}

/** Returns a port on which nothing listens. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/**
 * Waits until a condition holds.
 *
 * @param what Describes it in the error; a function is called at the end.
 */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  what: string | (() => string),
): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain: ${typeof what === "string" ? what : what()}`);
}

/** Waits until the state of a video in a queue has a property. */
export async function seeState(
  client: QueueClient,
  id: string,
  isSeen: (state: VideoState) => boolean,
): Promise<VideoState> {
  let state: VideoState | undefined;
  await until(
    async () => isSeen(state = await client.state(id)),
    () => `state of ${id}: ${JSON.stringify(state)}`,
  );
  return state!;
}

const answers = (port: number) =>
  Deno.connect({ hostname: "127.0.0.1", port }).then((connection) => (connection.close(), true), () => false);

/** Runs a program. Fails if it does. */
export async function run(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null", stdout: "null" })
    .output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}

/**
 * Starts Redis, which keeps its data on disk.
 *
 * @param options Further options.
 * @param program Program of a server with the same options, such as Valkey's.
 */
export async function startRedis(options: readonly string[] = [], program = "redis-server"): Promise<TestServer> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-redis-" }), port = freePort();
  const start = async () => {
    const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes"];
    const child = new Deno.Command(program, {
      args: [...args, ...options, "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction"],
      ...{ stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
    await until(() => answers(port), program);
    return child;
  };
  let child = await start();
  let runs = true;
  const stop = async () => {
    if (runs) child.kill("SIGKILL");
    runs = false;
    await child.status;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    stop,
    async restart({ keepsData }) {
      await stop();
      if (!keepsData) await Deno.remove(join(folder, "appendonlydir"), { recursive: true });
      child = await start();
      runs = true;
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Returns the folder of PostgreSQL's programs in Debian. */
async function postgresPrograms(): Promise<string> {
  const versions = await Array.fromAsync(Deno.readDir("/usr/lib/postgresql"), ({ name }) => name);
  return `/usr/lib/postgresql/${versions.sort().at(-1)}/bin`;
}

/**
 * Starts PostgreSQL, which does not run as root.
 *
 * @param password Password of its user, who needs none by default.
 */
export async function startPostgres(password?: string): Promise<TestServer & { sql(text: string): Promise<void> }> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-postgres-" }),
    port = freePort(),
    bin = await postgresPrograms();
  const isRoot = Deno.uid() === 0, data = join(folder, "data");
  const as = async (program: string, ...args: readonly string[]) =>
    isRoot
      ? await run("runuser", ["-u", "postgres", "--", join(bin, program), ...args])
      : await run(join(bin, program), args);
  if (isRoot) await run("chown", ["postgres", folder]);
  const auth = password === undefined
    ? ["--auth=trust"]
    : ["--auth=scram-sha-256", "--pwfile", join(folder, "password")];
  if (password !== undefined) await Deno.writeTextFile(join(folder, "password"), password, { mode: 0o644 });
  const init = () => as("initdb", "-D", data, "-U", "slomo", ...auth, "-E", "UTF8", "--no-sync");
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`;
  const start = () => as("pg_ctl", "-D", data, "-w", "-l", join(folder, "log"), "-o", options, "start");
  let runs = true;
  const stop = async () => {
    if (runs) await as("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop");
    runs = false;
  };
  await init();
  await start();
  return {
    url: `postgres://slomo@127.0.0.1:${port}/postgres`,
    stop,
    sql: (text) => run(join(bin, "psql"), ["-q", "-c", text, `postgres://slomo@127.0.0.1:${port}/postgres`]),
    async restart({ keepsData }) {
      await stop();
      if (!keepsData) {
        await Deno.remove(data, { recursive: true });
        await init();
      }
      await start();
      runs = true;
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Runs a worker with the permissions of its task until the queue is empty. Fails if it does. */
export async function runPermitted(url: string, root: string): Promise<void> {
  const command = [inRepo("scripts/main.ts"), "worker", url, "--once", "--allow-root", root];
  await run(Deno.execPath(), ["run", "-A", "--no-check", ...command, ...SEGMENTS, ...NO_WORKERS]);
}

/** A worker in its own process. */
export class TestWorker implements AsyncDisposable {
  readonly child: Deno.ChildProcess;
  #log = "";
  readonly #reading: Promise<void>;

  constructor(url: string, folder: string, options: readonly string[]) {
    const args = ["run", "-A", "--no-check", inRepo("scripts/worker.ts"), url, "--allow-root", folder, "--lock", "2"];
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args, "--workers", "0", ...options],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    this.child = child;
    this.#reading = (async () => {
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) this.#log += text;
    })();
  }

  /** Everything that it has printed. */
  get log(): string {
    return this.#log;
  }

  /** Waits until it prints something. */
  async prints(text: RegExp): Promise<void> {
    await until(() => text.test(this.#log), () => `${text} in ${this.#log}`);
  }

  /** Sends a signal, and waits for its end. Returns the exit code. */
  async end(signal: Deno.Signal): Promise<number> {
    try {
      this.child.kill(signal);
    } catch {
      // It has ended.
    }
    const { code } = await this.child.status;
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }
}
