import { readEnvironment } from "@slomo/downloads";
import { ObjectStorage, readStorageSettings } from "@slomo/storage";

/** Opens the object storage that the environment names. @throws {UsageError} If there are no credentials. */
export function openStorage(): ObjectStorage {
  return new ObjectStorage(readStorageSettings(readEnvironment));
}
