import { writeFileAtomic } from "@slomo/core/files";
import { areUnchanged, collectSources, factsOf, hashTexts } from "@slomo/core/sources";
import { cacheFolder, readEnvironment } from "@slomo/downloads";
import { join } from "@std/path";
import { z } from "zod";

/** Number of sets of modules whose hashes are kept. */
const KEPT = 8;

const records = z.array(z.object({
  entries: z.array(z.string()),
  sources: z.array(
    z.object({ url: z.string(), bytes: z.number(), modified: z.number().nullable(), sha256: z.string() }),
  ),
  hash: z.string(),
}));

/** The hash of some modules and their imports, and the files that it depends on. */
type Record = z.infer<typeof records>[number];

async function readRecords(path: string): Promise<readonly Record[]> {
  try {
    return records.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch {
    // Missing or damaged.
    return [];
  }
}

/**
 * Returns the SHA-256 of modules and of all local modules that they import, like `hashSources`, but scans them only if one of
 * the files has changed since they were hashed.
 *
 * @param entries Specifiers of modules.
 * @param path File that keeps hashes from run to run. @default {`code.json` in slomo's cache}
 */
export async function codeHash(
  entries: readonly string[],
  path: string = join(cacheFolder(readEnvironment), "code.json"),
): Promise<string> {
  const known = await readRecords(path), key = entries.join("\n");
  const others = known.filter((record) => record.entries.join("\n") !== key);
  const found = known.find((record) => record.entries.join("\n") === key);
  if (found && await areUnchanged(found.sources)) return found.hash;
  const sources = await collectSources(entries), hash = await hashTexts(sources);
  const facts = await factsOf(sources).catch(() => undefined);
  const { state } = Deno.permissions.querySync({ name: "write", path });
  // Without a cache, or if a module is missing, the modules are scanned at each start.
  if (facts && state === "granted") {
    const record: Record = { entries: [...entries], sources: facts, hash };
    await Deno.mkdir(join(path, ".."), { recursive: true })
      .then(() => writeFileAtomic(path, JSON.stringify([record, ...others].slice(0, KEPT)))).catch(() => {});
  }
  return hash;
}
