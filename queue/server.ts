import { JobError, reasonOf, UsageError } from "@slomo/core";
// @ts-types="./client_types.d.ts"
import { createPostgresBackend, createRedisBackend, withBackend } from "bullmq";
// @ts-types="./client_types.d.ts"
import { Redis } from "ioredis";
// @ts-types="./client_types.d.ts"
import { Pool } from "pg";
import type { Classes, FlowProducer, Processor, Queue, Worker, WorkerOptions } from "./client_types.d.ts";

/** A server of queues. */
export interface QueueServer extends AsyncDisposable {
  /** Host and port, for messages. */
  readonly name: string;
}

/** The queues, producers and workers of a server. */
export interface QueueClasses {
  /** Opens a queue. */
  queue(name: string): Queue;
  /** Opens a producer of jobs with children. */
  flow(): FlowProducer;
  /** Starts to process the jobs of a queue. */
  worker(name: string, process: Processor, options: WorkerOptions): Worker;
}

const CLASSES = new WeakMap<QueueServer, QueueClasses>();

/** Returns the queues, producers and workers of a server. */
export function classesOf(server: QueueServer): QueueClasses {
  return CLASSES.get(server)!;
}

function register(server: QueueServer, classes: QueueClasses): QueueServer {
  CLASSES.set(server, classes);
  return server;
}

/** Returns the classes of a backend with a connection. */
function connected({ Queue, FlowProducer, Worker }: Classes, connection: unknown): QueueClasses {
  return {
    queue: (name) => new Queue(name, { connection }),
    flow: () => new FlowProducer({ connection }),
    worker: (name, process, options) => new Worker(name, process, { ...options, connection }),
  };
}

/** Milliseconds after which a connection attempt fails. */
const CONNECT = 5000;

const OPTION = { option: "queue" } as const;

const isRedis = ({ protocol }: URL): boolean => protocol.startsWith("redis");

function parse(address: string): URL {
  const url = URL.parse(address);
  if (!url || !/^(rediss?|postgres(ql)?):$/.test(url.protocol) || url.hostname === "") {
    throw new UsageError(
      `\`queue\` must be the URL of a server, such as redis://HOST, rediss://USER:PASSWORD@HOST or postgres://HOST/DATABASE`,
      OPTION,
    );
  }
  try {
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
  } catch {
    throw new UsageError(
      "queue: cannot read the URL of the server: it has a % that is not an escape; write it %25",
      OPTION,
    );
  }
  if (isRedis(url) && !/^\/?\d*$/.test(url.pathname)) {
    throw new UsageError(
      `queue: cannot use the database ${url.pathname.slice(1)}: Redis numbers its databases; write redis://HOST/NUMBER`,
      OPTION,
    );
  }
  return url;
}

const portOf = (url: URL): number => Number(url.port || (isRedis(url) ? 6379 : 5432));

function refuse(name: string, error: unknown): never {
  // Node's error of several addresses has no message.
  const cause = error instanceof AggregateError && error.errors[0] ? error.errors[0] : error;
  throw new JobError(`queue: cannot connect to ${name}: ${reasonOf(cause)}; check the URL, and that the server runs`);
}

/**
 * Connects to a server of queues.
 *
 * @param address `redis://…`, `rediss://…` (with TLS) or `postgres://…`.
 * @throws {UsageError} If the address is not such a URL, or the server has no such database.
 * @throws {JobError} If the server cannot be reached, or refuses the user.
 */
export async function openQueueServer(address: string): Promise<QueueServer> {
  const url = parse(address), name = `${url.hostname}:${portOf(url)}`;
  return isRedis(url) ? await openRedis(url, name) : await openPostgres(address, name);
}

/** Selects the database of a connection, which would use database 0 if there is none. */
async function selectDatabase(connection: Redis, db: number, name: string): Promise<void> {
  try {
    await connection.select(db);
  } catch (error) {
    if (!reasonOf(error).includes("out of range")) throw error;
    throw new UsageError(
      `queue: cannot use the database ${db} of ${name}: it has none of this number; name another, such as 0`,
      OPTION,
    );
  }
}

async function openRedis(url: URL, name: string): Promise<QueueServer> {
  const options = {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: portOf(url),
    ...url.username && { username: decodeURIComponent(url.username) },
    ...url.password && { password: decodeURIComponent(url.password) },
    ...url.protocol === "rediss:" && { tls: {} },
    db: Number(url.pathname.slice(1) || 0),
    connectTimeout: CONNECT,
  };
  let refused: unknown;
  const first = new Redis({ ...options, lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  first.on("error", (error) => refused ??= error);
  try {
    await first.connect();
    await first.ping();
    if (options.db > 0) await selectDatabase(first, options.db, name);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    refuse(name, refused ?? error);
  } finally {
    first.disconnect();
  }
  // One connection for all queues; a worker adds one that waits for jobs.
  const connection = new Redis({ ...options, maxRetriesPerRequest: null });
  connection.on("error", () => {});
  const classes = connected(withBackend(createRedisBackend), connection);
  return register({ name, [Symbol.asyncDispose]: () => Promise.resolve(connection.disconnect()) }, classes);
}

/** Asks whether a user may create the schema of the tables, and whether it exists. */
const RIGHTS = "SELECT has_database_privilege(current_database(), 'CREATE') AS creates, " +
  "to_regnamespace('bullmq') IS NOT NULL AS exists";

async function openPostgres(address: string, name: string): Promise<QueueServer> {
  const pool = new Pool({ connectionString: address, max: 4, connectionTimeoutMillis: CONNECT });
  pool.on("error", () => {});
  let rights: { readonly creates: boolean; readonly exists: boolean } | undefined;
  try {
    [rights] = (await pool.query(RIGHTS)).rows as [typeof rights];
  } catch (error) {
    if (/client password must be a string/.test(reasonOf(error))) {
      throw new UsageError(
        `queue: cannot connect to ${name}: it asks for a password; write postgres://USER:PASSWORD@HOST/DATABASE`,
        OPTION,
      );
    }
    refuse(name, error);
  } finally {
    await pool.end();
  }
  const { creates, exists } = rights!;
  if (!creates && !exists) {
    throw new JobError(
      `queue: cannot use ${name}: its tables are missing, and this user may not create them; connect once as a user with the ` +
        "privilege CREATE on the database",
    );
  }
  // A user who may not create schemas uses tables that another one has made.
  const connection = { connectionString: address, migrate: creates, max: 4 };
  const classes = connected(withBackend(createPostgresBackend), connection);
  return register({ name, [Symbol.asyncDispose]: () => Promise.resolve() }, classes);
}
