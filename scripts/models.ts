/** `deno task models`: lists, installs and removes models by name. */
import { runScript, type Task } from "./_cli.ts";
import { taskOfCommands } from "./_command.ts";
import { ADD, addModel } from "./models/add.ts";
import { INFO, showModel } from "./models/info.ts";
import { LIST, listModels } from "./models/list.ts";
import { REMOVE, removeByName } from "./models/remove.ts";

/** The task `models`. */
export const models: Task = taskOfCommands("models", [
  [LIST, listModels],
  [ADD, addModel],
  [REMOVE, removeByName],
  [INFO, showModel],
]);

if (import.meta.main) await runScript(models);
