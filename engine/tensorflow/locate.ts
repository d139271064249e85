import { isAbsolute, join } from "@std/path";
import { UsageError } from "@slomo/core";

/** Reads an environment variable; `undefined` where it is not set. */
export type Environment = (name: string) => string | undefined;

/** Where slomo keeps what it downloads: `$SLOMO_CACHE`, or `slomo` in the system's folder for caches. */
export function cacheFolder(env: Environment, os: string = Deno.build.os): string {
  const own = env("SLOMO_CACHE");
  if (own) return own;
  const home = env(os === "windows" ? "USERPROFILE" : "HOME") ?? ".";
  if (os === "windows") return join(env("LOCALAPPDATA") ?? join(home, "AppData", "Local"), "slomo");
  if (os === "darwin") return join(home, "Library", "Caches", "slomo");
  const xdg = env("XDG_CACHE_HOME");
  return join(xdg && isAbsolute(xdg) ? xdg : join(home, ".cache"), "slomo");
}

/** What `deno task setup` found or fetched. */
export interface LibraryRecord {
  /** Absolute path of libtensorflow. */
  readonly library: string;
  /** Where it is from, in words. */
  readonly source: string;
}

/** The file that holds the {@linkcode LibraryRecord}. */
export function recordFile(cache: string): string {
  return join(cache, "libtensorflow.json");
}

function parseRecord(text: string): LibraryRecord | undefined {
  const record: unknown = JSON.parse(text);
  if (typeof record !== "object" || record === null) return undefined;
  const { library, source } = record as Record<string, unknown>;
  return typeof library === "string" && typeof source === "string" ? { library, source } : undefined;
}

const UNSET = "tensorflow: there is no libtensorflow yet; run deno task setup";

/**
 * The library that `deno task setup` has put in place, or the file that `$SLOMO_LIBTENSORFLOW` names.
 *
 * @throws {UsageError} If there is none, or it is gone; says which command brings it.
 */
export function locateLibrary(env: Environment): LibraryRecord {
  const named = env("SLOMO_LIBTENSORFLOW");
  if (named) return { library: named, source: "$SLOMO_LIBTENSORFLOW" };
  const file = recordFile(cacheFolder(env));
  let record: LibraryRecord | undefined;
  try {
    record = parseRecord(Deno.readTextFileSync(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new UsageError(UNSET);
    throw new UsageError(`tensorflow: ${file} cannot be read (${error}); run deno task setup`);
  }
  if (record === undefined) throw new UsageError(`tensorflow: ${file} is damaged; run deno task setup`);
  try {
    Deno.statSync(record.library);
  } catch {
    throw new UsageError(`tensorflow: ${record.library} (${record.source}) is gone; run deno task setup`);
  }
  return record;
}
