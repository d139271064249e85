import { writeFileAtomic } from "@slomo/core/files";
import { cacheFolder, readEnvironment } from "@slomo/downloads";
import { join } from "@std/path";
import { z } from "zod";

/** Number of sets of modules whose hashes are kept. */
const KEPT = 8;

const records = z.array(z.object({
  entries: z.array(z.string()),
  files: z.array(z.tuple([z.string(), z.number(), z.number()])),
  hash: z.string(),
}));

/** The hash of some modules and their imports, and the files that it depends on: URL, size, time of modification. */
type Record = z.infer<typeof records>[number];

/** Returns the size and the time of a file; `undefined` if it is missing or has no time. */
function fileFacts(url: string): readonly [size: number, time: number] | undefined {
  try {
    const { size, mtime } = Deno.statSync(new URL(url));
    return mtime === null ? undefined : [size, mtime.getTime()];
  } catch {
    return undefined;
  }
}

function isUnchanged([url, size, time]: Record["files"][number]): boolean {
  const facts = fileFacts(url);
  return facts !== undefined && facts[0] === size && facts[1] === time;
}

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
 * the files has another size or time than when they were hashed.
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
  if (found?.files.every(isUnchanged)) return found.hash;
  // Loaded only here: few runs need it.
  const { collectSources, hashSources } = await import("@slomo/core/sources");
  const sources = await collectSources(entries);
  const hash = await hashSources(entries, (url) => Promise.resolve(sources.get(url) ?? ""));
  const facts = [...sources.keys()].map((url) => ({ url, file: fileFacts(url) }));
  if (facts.some(({ file }) => file === undefined)) return hash;
  const record = { entries, files: facts.map(({ url, file }) => [url, ...file!]), hash };
  const { state } = Deno.permissions.querySync({ name: "write", path });
  // Without a cache, the modules are scanned at each start.
  if (state === "granted") {
    await Deno.mkdir(join(path, ".."), { recursive: true })
      .then(() => writeFileAtomic(path, JSON.stringify([record, ...others].slice(0, KEPT)))).catch(() => {});
  }
  return hash;
}
