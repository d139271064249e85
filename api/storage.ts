import { readEnvironment } from "@slomo/downloads";
import { ObjectStorage, readProfile, readStorageSettings } from "@slomo/storage";

/** Opens the object storage that the environment or a profile names. @throws {UsageError} If there are no credentials. */
export async function openStorage(): Promise<ObjectStorage> {
  return new ObjectStorage(readStorageSettings(readEnvironment, await readProfile(readEnvironment)));
}
