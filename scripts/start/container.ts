/** Memory limits of containers and service managers, which the system's own figures do not include. */
const ROOT = "/sys/fs/cgroup";

/** Returns the folder of a control group and its parent folders, as paths below the root. */
function upwards(path: string): string[] {
  const found = [path];
  while (path !== "/") found.push(path = path.replace(/\/[^/]*$/, "") || "/");
  return found;
}

/**
 * Returns the files with the memory limits of a process: those of its group and of all parent groups.
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

/** Returns the lowest limit in bytes; `undefined` if there is none: files then have `max`, or more than any machine has. */
export function lowestLimit(contents: string): number | undefined {
  const limits = contents.split("\n").filter((line) => /^\d+$/.test(line)).map(Number).filter((bytes) =>
    bytes < 2 ** 60
  );
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

/** Returns the text of a file, or empty text if it cannot be read: Deno opens `/proc` and `/sys` only with all permissions. */
const readText = (path: string): Promise<string> => Deno.readTextFile(path).catch(() => "");

/** Returns the memory limit of the process in bytes, if there is one. */
export async function memoryLimit(): Promise<number | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const contents = await Promise.all(limitFiles(await readText("/proc/self/cgroup")).map(readText));
  return lowestLimit(contents.join("\n"));
}
