import { join } from "@std/path";
import { UsageError } from "@slomo/core";
import { cacheFolder, type Environment } from "@slomo/downloads";

/** The library that `deno task setup` installed. */
export interface LibraryRecord {
  /** Absolute path of libtensorflow. */
  readonly library: string;
  /** Description of its origin, for people. */
  readonly source: string;
}

/** Returns the path of the file with the {@linkcode LibraryRecord}. */
export function recordFile(cache: string): string {
  return join(cache, "libtensorflow.json");
}

function parseRecord(text: string): LibraryRecord | undefined {
  const record: unknown = JSON.parse(text);
  if (typeof record !== "object" || record === null) return undefined;
  const { library, source } = record as Record<string, unknown>;
  return typeof library === "string" && typeof source === "string" ? { library, source } : undefined;
}

const NOT_INSTALLED = "tensorflow: libtensorflow is not installed; run `deno task setup`";

/**
 * Returns the library that `deno task setup` installed, or the file that `$SLOMO_LIBTENSORFLOW` names.
 *
 * @throws {UsageError} If there is none.
 */
export function locateLibrary(env: Environment): LibraryRecord {
  const named = env("SLOMO_LIBTENSORFLOW");
  if (named) return { library: named, source: "$SLOMO_LIBTENSORFLOW" };
  const file = recordFile(cacheFolder(env));
  let record: LibraryRecord | undefined;
  try {
    record = parseRecord(Deno.readTextFileSync(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(NOT_INSTALLED, { code: "no-backend", option: "backend" });
    }
    throw new UsageError(`tensorflow: cannot read ${file}: ${error}; run \`deno task setup\``, {
      code: "no-backend",
      option: "backend",
    });
  }
  if (record === undefined) {
    throw new UsageError(`tensorflow: ${file} is damaged; run \`deno task setup\``, {
      code: "no-backend",
      option: "backend",
    });
  }
  try {
    Deno.statSync(record.library);
  } catch {
    throw new UsageError(
      `tensorflow: there is no ${record.library} (${record.source}) anymore; run \`deno task setup\``,
      { code: "no-backend", option: "backend" },
    );
  }
  return record;
}
