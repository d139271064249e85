/** Finds out whether Deno has to download packages before a task starts. */
import { join } from "@std/path";

/** A package that every task imports. */
const PACKAGE = "npm:zod@4.6.7";

/** Returns Deno's folder for downloads: `$DENO_DIR`, or `deno` in the system's cache folder. */
export function denoFolder(env: (name: string) => string | undefined, os: string = Deno.build.os): string | undefined {
  const own = env("DENO_DIR");
  if (own) return own;
  const home = env("HOME");
  if (os === "windows") return env("LOCALAPPDATA") && join(env("LOCALAPPDATA")!, "deno");
  if (os === "darwin") return home && join(home, "Library", "Caches", "deno");
  const cache = env("XDG_CACHE_HOME") || home && join(home, ".cache");
  return cache && join(cache, "deno");
}

/**
 * Returns whether Deno has not downloaded the packages of the tasks yet.
 *
 * @param folder Deno's folder for downloads.
 */
export async function lacksPackages(folder = denoFolder((name) => Deno.env.get(name))): Promise<boolean> {
  if (folder === undefined) return false;
  const [, name, version] = /^npm:(.+)@(.+)$/.exec(PACKAGE)!;
  const registries = await Array.fromAsync(Deno.readDir(join(folder, "npm"))).catch(() => []);
  const found = await Promise.all(
    registries.map((registry) =>
      Deno.stat(join(folder, "npm", registry.name, name!, version!)).then(() => true, () => false)
    ),
  );
  return !found.includes(true);
}
