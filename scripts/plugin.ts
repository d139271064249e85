/** `deno task plugin`: creates and checks plugins, and adds them to or removes them from a manifest. */
import { runScript, type Task } from "./_cli.ts";
import { taskOfCommands } from "./_command.ts";
import { ADD, addToManifest } from "./plugin/add.ts";
import { CHECK, checkPlugin } from "./plugin/check.ts";
import { LIST, listPlugins } from "./plugin/list.ts";
import { NEW, newPlugin } from "./plugin/new.ts";
import { REMOVE, removeFromManifest } from "./plugin/remove.ts";

/** The task `plugin`. */
export const plugin: Task = taskOfCommands("plugin", [
  [NEW, newPlugin],
  [ADD, addToManifest],
  [REMOVE, removeFromManifest],
  [LIST, listPlugins],
  [CHECK, checkPlugin],
]);

if (import.meta.main) await runScript(plugin);
