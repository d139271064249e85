import { UsageError } from "@slomo/core";
import { installedModels, removeModel } from "@slomo/slomo/install";
import type { TaskIo } from "../_cli.ts";
import { parseOneName } from "../_command.ts";
import type { CommandDefinition } from "../_options.ts";

/** The command line of `models remove`. */
export const REMOVE: CommandDefinition<Record<never, never>> = {
  name: "models remove",
  usage: ["NAME"],
  about: "Removes an installed model from $SLOMO_CACHE/models.",
  options: {},
};

/**
 * `deno task models remove`.
 *
 * @throws {UsageError} If the model is not installed.
 */
export async function removeByName(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseOneName(REMOVE, args, io);
  if (parsed === undefined) return;
  const { given } = parsed;
  if (await removeModel(given)) return io.out(`removed ${given}`);
  const names = (await installedModels()).map(({ name }) => name).join(", ") || "none";
  throw new UsageError(`models: cannot remove "${given}": it is not installed; installed are ${names}`, {
    code: "unknown-model",
  });
}
