/** `deno task plugin`: begins a plugin, and changes which of them a manifest names. */
import { UsageError } from "@slomo/core";
import { nearest } from "@slomo/core/manifest";
import { runScript, type Task } from "./_cli.ts";
import { addToManifest } from "./plugin/add.ts";
import { checkPlugin } from "./plugin/check.ts";
import { listPlugins } from "./plugin/list.ts";
import { newPlugin } from "./plugin/new.ts";
import { removeFromManifest } from "./plugin/remove.ts";

const COMMANDS: Readonly<Record<string, { readonly run: Task; readonly about: string }>> = {
  new: { run: newPlugin, about: "Begin a plugin: a package with a part, its tests and all that publishing needs." },
  add: { run: addToManifest, about: "Name one more plugin in a manifest." },
  remove: { run: removeFromManifest, about: "Take a plugin out of a manifest." },
  list: { run: listPlugins, about: "The plugins of a manifest, their parts, and the options of those." },
  check: { run: checkPlugin, about: "Load a plugin and hold it to the contract." },
};

const HELP = [
  "Use: deno task plugin COMMAND [options]",
  "",
  "Begins plugins, and says and changes which of them a manifest names.",
  "",
  ...Object.entries(COMMANDS).map(([name, { about }]) => `  ${name.padEnd(8)}${about}`),
  "",
  "deno task plugin COMMAND --help tells more.",
].join("\n");

/** The task `plugin`. */
export const plugin: Task = async ([name, ...args], io) => {
  if (name === undefined || name === "--help" || name === "-h") return io.out(HELP);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) return await command.run(args, io);
  const names = Object.keys(COMMANDS), meant = nearest(name, names);
  throw new UsageError(
    `there is no command "${name}" of plugin${meant ? `; did you mean "${meant}"?` : "."} There are ${
      names.join(", ")
    }`,
  );
};

if (import.meta.main) await runScript(plugin);
