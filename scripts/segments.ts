/** `deno task segments`: plans a video in segments, makes them on any number of machines, and joins them. */
import { runScript, type Task } from "./_cli.ts";
import { taskOfCommands } from "./_command.ts";
import { JOIN, MAKE, PLAN } from "./segments/options.ts";
import { joinTask, makeTask, planTask } from "./segments/run.ts";

/** The task `segments`. */
export const segments: Task = taskOfCommands("segments", [
  [PLAN, planTask],
  [MAKE, makeTask],
  [JOIN, joinTask],
]);

if (import.meta.main) await runScript(segments);
