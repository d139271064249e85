/** `deno task plugin`: creates and checks plugins, and adds them to or removes them from a manifest. */
import { UsageError } from "@slomo/core";
import { nearest } from "@slomo/core/manifest";
import { runScript, type Task } from "./_cli.ts";
import { commandsHelp } from "./_command.ts";
import { ADD, addToManifest } from "./plugin/add.ts";
import { CHECK, checkPlugin } from "./plugin/check.ts";
import { LIST, listPlugins } from "./plugin/list.ts";
import { NEW, newPlugin } from "./plugin/new.ts";
import { REMOVE, removeFromManifest } from "./plugin/remove.ts";

const COMMANDS: Readonly<Record<string, Task["run"]>> = {
  new: newPlugin,
  add: addToManifest,
  remove: removeFromManifest,
  list: listPlugins,
  check: checkPlugin,
};

const DEFINITIONS: Task["commands"] = [NEW, ADD, REMOVE, LIST, CHECK];

/** The task `plugin`. */
export const plugin: Task = {
  commands: DEFINITIONS,
  async run([name, ...args], io) {
    if (name === undefined || name === "--help" || name === "-h") return io.out(commandsHelp("plugin", DEFINITIONS));
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command) return await command(args, io);
    const names = Object.keys(COMMANDS), suggestion = nearest(name, names);
    const hint = suggestion ? `did you mean "${suggestion}"?` : `commands are ${names.join(", ")}`;
    throw new UsageError(`plugin has no command "${name}"; ${hint}`);
  },
};

if (import.meta.main) await runScript(plugin);
