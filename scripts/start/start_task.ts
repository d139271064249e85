import { fromFileUrl } from "@std/path";
import { DEVICE_FLAGS } from "../_devices.ts";
import { MEMORY_LIMIT } from "../_memory.ts";
import { memoryLimit } from "./container.ts";
import { machineFacts } from "./machine.ts";
import { memoryFlags, memoryVariables } from "./memory.ts";
import { lacksPackages } from "./packages.ts";
import { permissionsOf, startsDevices, type TaskName, TASKS } from "./permissions.ts";

/**
 * Starts a task in a process with the permissions that it needs, and waits for it.
 *
 * @returns Its exit code.
 */
export async function startTask(task: TaskName, args: readonly string[]): Promise<number> {
  const url = new URL(`../${task}.ts`, import.meta.url);
  const script = url.protocol === "file:" ? fromFileUrl(url) : url.href;
  // Temporary files would be written into the current folder.
  if (Deno.env.get("TMPDIR") === "") Deno.env.delete("TMPDIR");
  const [facts, limit, isFirst] = await Promise.all([machineFacts(args), memoryLimit(), lacksPackages()]);
  if (isFirst) console.error(`slomo: downloading the packages that ${task} needs; this happens once`);
  const flags = [...memoryFlags(task), ...permissionsOf(task, args, facts)];
  const deviceFlags = () => [...memoryFlags("segments"), ...permissionsOf("segments", args, facts)];
  const env = {
    ...memoryVariables(TASKS[task].ffi),
    ...limit !== undefined && { [MEMORY_LIMIT]: `${limit}` },
    ...startsDevices(task, args) && { [DEVICE_FLAGS]: JSON.stringify(deviceFlags()) },
  };
  const child = new Deno.Command(Deno.execPath(), {
    // Outside of a clone, there is no deno.json that allows to bundle the page.
    args: ["run", "--quiet", ...task === "web" ? ["--unstable-bundle"] : [], ...flags, script, ...args],
    stdin: "inherit",
    env,
  })
    .spawn();
  // Ctrl-C reaches both processes; the task cleans up, and this one waits for it.
  Deno.addSignalListener("SIGINT", () => {});
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => child.kill("SIGTERM"));
  return (await child.status).code;
}
