import { UsageError } from "@slomo/core";

/**
 * Checks that a file may be written.
 *
 * @throws {UsageError} If it exists and `overwrite` is not set.
 */
export async function checkTarget(path: string, overwrite: boolean): Promise<void> {
  const exists = await Deno.lstat(path).then(() => true, () => false);
  if (exists && !overwrite) {
    throw new UsageError(`${path} exists; set \`overwrite\` to replace it`, {
      code: "output-exists",
      option: "overwrite",
    });
  }
}
