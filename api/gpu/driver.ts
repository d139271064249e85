import { sha256 } from "@slomo/core/files";

/** Files that an update of a graphics driver replaces, by operating system. Folders end with a slash. */
const FILES: Readonly<Partial<Record<typeof Deno.build.os, readonly string[]>>> = {
  linux: ["/usr/share/vulkan/icd.d/", "/etc/vulkan/icd.d/", "/usr/lib/wsl/lib/"],
  windows: ["C:\\Windows\\System32\\DriverStore\\FileRepository"],
  darwin: ["/System/Library/CoreServices/SystemVersion.plist"],
};

async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(folder + name);
  } catch {
    // It does not exist, or may not be read.
  }
  return names.sort();
}

/**
 * Returns the identity of the graphics drivers of this machine, which changes when one is updated. It is made from the names,
 * sizes and times of their files, since neither WebGPU nor onnxruntime has their versions.
 *
 * @param files Files, and folders with a final slash. @default {those of this operating system}
 */
export async function driverIdentity(files: readonly string[] = FILES[Deno.build.os] ?? []): Promise<string> {
  const paths = (await Promise.all(files.map((path) => path.endsWith("/") ? filesIn(path) : [path]))).flat();
  const facts = await Promise.all(paths.map(async (path) => {
    const info = await Deno.stat(path).catch(() => undefined);
    return [path, info?.size ?? 0, info?.mtime?.getTime() ?? 0];
  }));
  return (await sha256(JSON.stringify(facts))).slice(0, 16);
}
