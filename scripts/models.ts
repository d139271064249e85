/** `deno task models`: lists, installs and removes models by name. */
import { UsageError } from "@slomo/core";
import { nearest } from "@slomo/core/manifest";
import { runScript, type Task } from "./_cli.ts";
import { commandsHelp } from "./_command.ts";
import { ADD, addModel } from "./models/add.ts";
import { INFO, showModel } from "./models/info.ts";
import { LIST, listModels } from "./models/list.ts";
import { REMOVE, removeByName } from "./models/remove.ts";

const COMMANDS: Readonly<Record<string, Task["run"]>> = {
  list: listModels,
  add: addModel,
  remove: removeByName,
  info: showModel,
};

const DEFINITIONS: Task["commands"] = [LIST, ADD, REMOVE, INFO];

/** The task `models`. */
export const models: Task = {
  commands: DEFINITIONS,
  async run([name, ...args], io) {
    if (name === undefined || name === "--help" || name === "-h") return io.out(commandsHelp("models", DEFINITIONS));
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command) return await command(args, io);
    const names = Object.keys(COMMANDS), suggestion = nearest(name, names);
    const hint = suggestion ? `did you mean "${suggestion}"?` : `commands are ${names.join(", ")}`;
    throw new UsageError(`models has no command "${name}"; ${hint}`);
  },
};

if (import.meta.main) await runScript(models);
