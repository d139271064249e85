/** `deno task segments`: plans a video in segments, in one run or in shards, makes them on any machines, and joins them. */
import { runScript, type Task } from "./_cli.ts";
import { taskOfCommands } from "./_command.ts";
import { JOIN, MAKE, MERGE, PLAN, SCAN } from "./segments/options.ts";
import { joinTask, makeTask, mergeTask, planTask, scanTask } from "./segments/run.ts";

/** The task `segments`. */
export const segments: Task = taskOfCommands("segments", [
  [PLAN, planTask],
  [SCAN, scanTask],
  [MERGE, mergeTask],
  [MAKE, makeTask],
  [JOIN, joinTask],
]);

if (import.meta.main) await runScript(segments);
