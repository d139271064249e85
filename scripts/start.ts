/** Starts a task in a process that may do what the task needs, and no more: `start.ts TASK [arguments]`. Loads no plugins. */
import { fromFileUrl } from "@std/path";
import { MEMORY_LIMIT } from "./_memory.ts";
import { memoryLimit } from "./start/container.ts";
import { machineFacts } from "./start/machine.ts";
import { memoryFlags } from "./start/memory.ts";
import { isTask, permissionsOf } from "./start/permissions.ts";

const [task, ...args] = Deno.args;
if (task === undefined || !isTask(task)) {
  console.error(`slomo: there is no task ${task ?? "without a name"}; deno task lists them`);
  Deno.exit(2);
}
const script = fromFileUrl(new URL(`./${task}.ts`, import.meta.url));
const flags = [...memoryFlags(task), ...permissionsOf(task, args, await machineFacts(args))];
const limit = await memoryLimit(), env = limit === undefined ? {} : { [MEMORY_LIMIT]: `${limit}` };
const child = new Deno.Command(Deno.execPath(), { args: ["run", ...flags, script, ...args], stdin: "inherit", env })
  .spawn();
// Ctrl-C reaches both processes; the task tidies up, and this one waits for it.
Deno.addSignalListener("SIGINT", () => {});
if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => child.kill("SIGTERM"));
const { code } = await child.status;
Deno.exit(code);
