import { cacheFolder, readEnvironment } from "@slomo/downloads";
import type { ChoiceKey, ChoiceStore, DeviceChoice } from "@slomo/engine";
import { join } from "@std/path";

/** Most choices that are kept. */
const MOST = 64;

/** Choices on disk, one file each. */
export interface StoredChoices extends ChoiceStore {
  /** Returns all choices, the latest first. */
  list(): Promise<DeviceChoice[]>;
  /** Forgets all choices. */
  clear(): Promise<void>;
}

async function readChoice(path: string): Promise<DeviceChoice | undefined> {
  try {
    const text = await Deno.readTextFile(path), { schema } = await import("./choice_schema.ts");
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const sorted = (key: ChoiceKey) => JSON.stringify(Object.entries(key).toSorted(([a], [b]) => a < b ? -1 : 1));

/**
 * Remembers choices in a folder, one file each. Files are written under another name and renamed, damaged ones are replaced,
 * and the oldest are deleted.
 *
 * @param folder @default {`devices` in slomo's cache}
 */
export function storedChoices(folder: string = join(cacheFolder(readEnvironment), "devices")): StoredChoices {
  async function pathOf(key: ChoiceKey): Promise<string> {
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(sorted(key)));
    return join(folder, `${new Uint8Array(hash).toHex().slice(0, 32)}.json`);
  }

  /** Returns the files of choices, the latest first. */
  async function files(): Promise<string[]> {
    const found: { path: string; time: number }[] = [];
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.endsWith(".json")) continue;
      const path = join(folder, name), info = await Deno.stat(path).catch(() => undefined);
      if (info) found.push({ path, time: info.mtime?.getTime() ?? 0 });
    }
    return found.toSorted((a, b) => b.time - a.time).map(({ path }) => path);
  }

  return {
    async read(key) {
      const choice = await readChoice(await pathOf(key));
      return choice && sorted(choice.key) === sorted(key) ? choice : undefined;
    },
    async write(choice) {
      const path = await pathOf(choice.key), temporary = `${path}.${crypto.randomUUID()}.partial`;
      try {
        await Deno.mkdir(folder, { recursive: true });
        await Deno.writeTextFile(temporary, JSON.stringify(choice));
        await Deno.rename(temporary, path);
        for (const old of (await files()).slice(MOST)) await Deno.remove(old).catch(() => {});
      } catch {
        // Without write access nothing is remembered, and the next run measures again.
        await Deno.remove(temporary).catch(() => {});
      }
    },
    async clear() {
      for (const path of await files().catch(() => [])) await Deno.remove(path).catch(() => {});
    },
    async list() {
      const all = await Promise.all((await files().catch(() => [])).map(readChoice));
      return all.filter((choice) => choice !== undefined);
    },
  };
}
