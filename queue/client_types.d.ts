/**
 * The parts of bullmq, ioredis and pg that this package uses. Their own declarations load those of Node, which change the
 * types of all other modules.
 */

/** A job of a queue. */
export interface Job {
  readonly id?: string;
  readonly name: string;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
  readonly progress: unknown;
  readonly opts: { readonly priority?: number };
  readonly timestamp: number;
  readonly attemptsMade: number;
  readonly failedReason: string;
  getState(): Promise<string>;
  getDependenciesCount(): Promise<{ readonly processed?: number }>;
  getIgnoredChildrenFailures(): Promise<Readonly<Record<string, string>>>;
  updateData(data: object): Promise<void>;
  updateProgress(progress: object): Promise<void>;
  moveToWait(token?: string): Promise<number>;
  moveToDelayed(timestamp: number, token?: string): Promise<void>;
  removeUnprocessedChildren(): Promise<void>;
  removeDeduplicationKey(): Promise<boolean>;
  remove(): Promise<void>;
}

/** Options of a job. */
export interface JobOptions {
  readonly jobId?: string;
  readonly attempts?: number;
  readonly backoff?: { readonly type: string; readonly delay: number };
  readonly removeOnComplete?: { readonly age: number };
  readonly removeOnFail?: { readonly age: number };
  readonly priority?: number;
  readonly ignoreDependencyOnFailure?: boolean;
  readonly deduplication?: { readonly id: string };
}

/** Members of all classes. */
interface Connected {
  on(event: "error", listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}

/** A queue. */
export interface Queue extends Connected {
  add(name: string, data: object, options: JobOptions): Promise<Job>;
  getJob(id: string): Promise<Job | undefined>;
  getJobs(types: readonly string[]): Promise<(Job | undefined)[]>;
  getActive(): Promise<Job[]>;
  getJobCounts(): Promise<Record<string, number>>;
  waitUntilReady(): Promise<unknown>;
}

/** A job with children. */
export interface FlowJob {
  readonly name: string;
  readonly queueName: string;
  readonly data: object;
  readonly opts: JobOptions;
  readonly children?: readonly FlowJob[];
}

/** Adds jobs with children. */
export interface FlowProducer extends Connected {
  add(job: FlowJob): Promise<unknown>;
}

/** Processes a job. */
export type Processor = (job: Job, token?: string) => Promise<unknown>;

/** Options of a worker. */
export interface WorkerOptions {
  readonly lockDuration: number;
  readonly stalledInterval: number;
  readonly maxStalledCount: number;
  readonly drainDelay: number;
  readonly name: string;
}

/** Processes the jobs of a queue. */
export interface Worker {
  /** Number of jobs that it processes at once. */
  concurrency: number;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "stalled", listener: (id: string) => void): unknown;
  on(event: "active", listener: () => void): unknown;
  waitUntilReady(): Promise<unknown>;
  pause(doNotWaitActive: boolean): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
  disconnect(): Promise<void>;
}

/** The classes of a backend. */
export interface Classes {
  readonly Queue: new (name: string, options: { readonly connection: unknown }) => Queue;
  readonly FlowProducer: new (options: { readonly connection: unknown }) => FlowProducer;
  readonly Worker: new (
    name: string,
    process: Processor,
    options: WorkerOptions & { readonly connection: unknown },
  ) => Worker;
}

/** Returns the classes of a backend. */
export function withBackend(factory: unknown): Classes;
/** The backend of Redis. */
export const createRedisBackend: unknown;
/** The backend of PostgreSQL. */
export const createPostgresBackend: unknown;
/** Fails a job without further attempts. */
export class UnrecoverableError extends Error {}
/** Ends the processing of a job that was moved to the delayed jobs. */
export class DelayedError extends Error {}
/** Ends the processing of a job that was moved back. */
export class WaitingError extends Error {}

/** A client of Redis. */
export class Redis {
  constructor(options: object);
  on(event: "error", listener: (error: Error) => void): unknown;
  connect(): Promise<void>;
  ping(): Promise<string>;
  select(db: number): Promise<string>;
  info(): Promise<string>;
  disconnect(): void;
}

/** Connections to PostgreSQL. */
export class Pool {
  constructor(options: object);
  on(event: "error", listener: (error: Error) => void): unknown;
  query(text: string): Promise<{ readonly rows: readonly unknown[] }>;
  end(): Promise<void>;
}
