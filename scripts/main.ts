/**
 * The command line of slomo: `deno run -A jsr:@slomo/cli TASK [arguments]`. Starts the task in a process with the
 * permissions that it needs and no others; this process loads no plugins.
 *
 * @module
 */
import config from "./deno.json" with { type: "json" };
import { isTask, type TaskName, TASKS } from "./start/permissions.ts";

export type { Task, TaskIo } from "./_cli.ts";
export type { CommandDefinition } from "./_options.ts";

/** Permissions without which this process cannot start another one. */
const NEEDED = ["read", "env", "run"] as const;

/** Runs a task in a separate process, and returns its exit code. */
async function start(task: TaskName, args: readonly string[]): Promise<number> {
  const missing = NEEDED.filter((name) => Deno.permissions.querySync({ name }).state !== "granted");
  if (missing.length > 0) {
    const flags = missing.map((name) => `--allow-${name}`).join(" and ");
    throw new Error(
      `the permissions ${flags} are missing; run it with \`deno run -A\`: the task gets only the permissions that it needs`,
    );
  }
  const { startTask } = await import("./start/start_task.ts");
  return await startTask(task, args);
}

function help(): string {
  const lines = Object.entries(TASKS).map(([name, { about }]) => `  ${name.padEnd(13)}${about}`);
  return ["Usage: slomo TASK [arguments]", "", "Tasks:", ...lines, "", "TASK --help shows the options of a task."].join(
    "\n",
  );
}

/** Runs the command line, and returns the exit code. */
async function run([task, ...args]: readonly string[]): Promise<number> {
  if (task === undefined || task === "--help" || task === "-h") console.log(help());
  else if (task === "--version") console.log(`slomo ${config.version}`);
  else if (!isTask(task)) {
    console.error(`slomo: there is no task "${task}"; tasks are ${Object.keys(TASKS).join(", ")}`);
    return 2;
  } else {
    try {
      return await start(task, args);
    } catch (error) {
      const cause = (error instanceof Error ? error.message : `${error}`).split("\n", 1)[0];
      console.error(`slomo: cannot start ${task}: ${cause}`);
      return 1;
    }
  }
  return 0;
}

if (import.meta.main) Deno.exit(await run(Deno.args));
