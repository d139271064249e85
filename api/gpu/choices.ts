import { RecordFolder } from "@slomo/core/files";
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

async function checked(value: unknown): Promise<DeviceChoice | undefined> {
  if (value === undefined) return undefined;
  const { schema } = await import("./choice_schema.ts");
  return schema.safeParse(value).data;
}

const textOf = (key: ChoiceKey) => JSON.stringify(Object.entries(key).toSorted(([a], [b]) => a < b ? -1 : 1));

/**
 * Remembers choices in a folder, one file each. Damaged files are replaced, and the oldest are removed.
 *
 * @param folder @default {`devices` in slomo's cache}
 */
export function storedChoices(folder: string = join(cacheFolder(readEnvironment), "devices")): StoredChoices {
  const records = new RecordFolder(folder, MOST);
  return {
    read: async (key) => await checked(await records.read(textOf(key))),
    write: (choice) => records.write(textOf(choice.key), choice),
    clear: () => records.clear(),
    async list() {
      return (await Promise.all((await records.list()).map(checked))).filter((choice) => choice !== undefined);
    },
  };
}
