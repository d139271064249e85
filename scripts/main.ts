/**
 * The command line of slomo: `deno run -A jsr:@slomo/cli TASK [arguments]`. Starts the task in a process with the
 * permissions that it needs and no others; this process loads no plugins.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import config from "./deno.json" with { type: "json" };
import { MEMORY_LIMIT } from "./_memory.ts";
import { memoryLimit } from "./start/container.ts";
import { machineFacts } from "./start/machine.ts";
import { memoryFlags } from "./start/memory.ts";
import { isTask, permissionsOf, type TaskName, TASKS } from "./start/permissions.ts";

export type { Task, TaskIo } from "./_cli.ts";
export type { CommandDefinition } from "./_options.ts";

/** Runs a task in a separate process, and returns its exit code. */
async function start(task: TaskName, args: readonly string[]): Promise<number> {
  const url = new URL(`./${task}.ts`, import.meta.url);
  const script = url.protocol === "file:" ? fromFileUrl(url) : url.href;
  const flags = [...memoryFlags(task), ...permissionsOf(task, args, await machineFacts(args))];
  const limit = await memoryLimit(), env = limit === undefined ? {} : { [MEMORY_LIMIT]: `${limit}` };
  const child = new Deno.Command(Deno.execPath(), { args: ["run", ...flags, script, ...args], stdin: "inherit", env })
    .spawn();
  // Ctrl-C reaches both processes; the task cleans up, and this one waits for it.
  Deno.addSignalListener("SIGINT", () => {});
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => child.kill("SIGTERM"));
  return (await child.status).code;
}

function help(): string {
  const lines = Object.entries(TASKS).map(([name, { about }]) => `  ${name.padEnd(13)}${about}`);
  return ["Usage: slomo TASK [arguments]", "", "Tasks:", ...lines, "", "TASK --help shows the options of a task."].join(
    "\n",
  );
}

if (import.meta.main) {
  const [task, ...args] = Deno.args;
  if (task === "--version") console.log(`slomo ${config.version}`);
  else if (task === undefined || task === "--help" || task === "-h") console.log(help());
  else if (isTask(task)) Deno.exit(await start(task, args));
  else {
    console.error(`slomo: there is no task "${task}"; tasks are ${Object.keys(TASKS).join(", ")}`);
    Deno.exit(2);
  }
}
