/** Memory limits of containers and service managers, which the system's own figures do not include. */
import { dirname } from "node:path/posix";

const ROOT = "/sys/fs/cgroup";

/** A control group's folder, and those above it, as paths below the root. */
function upwards(path: string): string[] {
  const found = [path];
  while (path !== "/" && path !== ".") found.push(path = dirname(path));
  return found;
}

/**
 * The files that hold the limits of a process, its own and those of the groups above it.
 *
 * @param groups Content of `/proc/self/cgroup`.
 */
export function limitFiles(groups: string): string[] {
  return groups.split("\n").flatMap((line) => {
    const [, controllers = "", path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) return [];
    if (controllers === "") return upwards(path).map((folder) => `${ROOT}${folder}/memory.max`);
    if (!controllers.split(",").includes("memory")) return [];
    return upwards(path).map((folder) => `${ROOT}/memory${folder}/memory.limit_in_bytes`);
  });
}

/** The lowest limit of some, in bytes; `undefined` where there is none. Files say `max`, or more than any machine has. */
export function lowestLimit(contents: string): number | undefined {
  const limits = contents.split("\n").filter((line) => /^\d+$/.test(line)).map(Number).filter((bytes) =>
    bytes < 2 ** 60
  );
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

async function cat(...files: readonly string[]): Promise<string> {
  const command = new Deno.Command("cat", { args: [...files], stdin: "null", stderr: "null" });
  return new TextDecoder().decode((await command.output().catch(() => undefined))?.stdout);
}

/** Bytes of memory that the process may take, where that is limited. By `cat`: Deno opens such files to nobody but who may do all. */
export async function memoryLimit(): Promise<number | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const files = limitFiles(await cat("/proc/self/cgroup"));
  return files.length > 0 ? lowestLimit(await cat(...files)) : undefined;
}
