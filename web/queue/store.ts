/** The queue on disk: jobs in SQLite, so that they survive the server, however it ends. */
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { JobError } from "@slomo/core";
import type { Job, JobState, Settings } from "../shared/types.ts";

/** A job as it is stored: without its speed, which is known only while it runs, and with the name of its result only. */
export type StoredJob = Omit<Job, "rate" | "left" | "detail">;

/** Fields of a job that change. */
export type JobChange = Partial<
  Pick<StoredJob, "position" | "state" | "done" | "total" | "message" | "notes" | "result" | "isStarted" | "name">
>;

/** Version of the tables, which rises when they change. */
const VERSION = 1;

const COLUMNS: Readonly<Record<string, string>> = {
  id: "TEXT PRIMARY KEY",
  position: "REAL NOT NULL",
  file: "TEXT NOT NULL",
  path: "TEXT NOT NULL",
  name: "TEXT NOT NULL",
  settings: "TEXT NOT NULL",
  state: "TEXT NOT NULL",
  done: "INTEGER NOT NULL DEFAULT 0",
  total: "INTEGER",
  message: "TEXT",
  notes: "TEXT NOT NULL DEFAULT '[]'",
  result: "TEXT",
  isStarted: "INTEGER NOT NULL DEFAULT 0",
};

type Row = Readonly<Record<string, SQLOutputValue>>;

function jobOf(row: Row): StoredJob {
  const text = (name: string) => row[name] === null ? undefined : `${row[name]}`;
  return {
    id: `${row.id}`,
    position: Number(row.position),
    file: `${row.file}`,
    path: `${row.path}`,
    name: `${row.name}`,
    settings: JSON.parse(`${row.settings}`) as Settings,
    state: `${row.state}` as JobState,
    done: Number(row.done),
    total: row.total === null ? undefined : Number(row.total),
    message: text("message"),
    notes: JSON.parse(`${row.notes}`) as readonly string[],
    result: text("result"),
    isStarted: Number(row.isStarted) === 1,
  };
}

function valueOf(value: JobChange[keyof JobChange] | Settings): string | number | null {
  if (value === undefined) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "object" ? JSON.stringify(value) : value;
}

/** The stored jobs. */
export class JobStore implements Disposable {
  readonly #database: DatabaseSync;

  /**
   * Opens the database, and creates it if needed. Jobs that ran when the server ended wait again.
   *
   * @param path Path of the file; `:memory:` for none.
   * @throws {JobError} If a newer slomo has written it.
   */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    const version = Number(this.#database.prepare("PRAGMA user_version").get()!.user_version);
    if (version > VERSION) {
      this.#database.close();
      throw new JobError(`queue: cannot open ${path}: a newer version of slomo has written it; use that one`);
    }
    const columns = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`).join(", ");
    this.#database.exec(`CREATE TABLE IF NOT EXISTS jobs (${columns}); PRAGMA user_version = ${VERSION}`);
    this.#database.exec("UPDATE jobs SET state = 'queued' WHERE state = 'running'");
  }

  /** Returns all jobs in the order of their positions. */
  all(): StoredJob[] {
    return this.#database.prepare("SELECT * FROM jobs ORDER BY position, id").all().map(jobOf);
  }

  /** Returns a job; `undefined` if there is none with this identity. */
  get(id: string): StoredJob | undefined {
    const row = this.#database.prepare("SELECT * FROM jobs WHERE id = ?").get(id);
    return row && jobOf(row);
  }

  /** Adds a job at the end of the queue. */
  add(job: Pick<StoredJob, "file" | "path" | "name" | "settings">): StoredJob {
    const id = crypto.randomUUID();
    this.#database.prepare(
      "INSERT INTO jobs (id, position, file, path, name, settings, state) " +
        "VALUES (?, (SELECT COALESCE(MAX(position), 0) + 1 FROM jobs), ?, ?, ?, ?, 'queued')",
    ).run(id, job.file, job.path, job.name, JSON.stringify(job.settings));
    return this.get(id)!;
  }

  /** Changes fields of a job. */
  update(id: string, change: JobChange): void {
    const entries = Object.entries(change).filter(([name]) => Object.hasOwn(COLUMNS, name));
    if (entries.length === 0) return;
    const assignments = entries.map(([name]) => `${name} = ?`).join(", ");
    this.#database.prepare(`UPDATE jobs SET ${assignments} WHERE id = ?`)
      .run(...entries.map(([, value]) => valueOf(value)), id);
  }

  /** Gives jobs the positions of a new order; those that are not named come after them. */
  reorder(ids: readonly string[]): void {
    const known = new Set(this.all().map(({ id }) => id)), named = ids.filter((id) => known.has(id));
    const order = [...new Set([...named, ...known])];
    this.#database.exec("BEGIN");
    const statement = this.#database.prepare("UPDATE jobs SET position = ? WHERE id = ?");
    order.forEach((id, index) => statement.run(index + 1, id));
    this.#database.exec("COMMIT");
  }

  /** Removes a job. */
  remove(id: string): void {
    this.#database.prepare("DELETE FROM jobs WHERE id = ?").run(id);
  }

  /** Closes the database. */
  [Symbol.dispose](): void {
    this.#database.close();
  }
}
