import { isAbsolute, join } from "@std/path";

/** Reads an environment variable; `undefined` if it is not set. */
export type Environment = (name: string) => string | undefined;

/** Reads an environment variable of this process, if that is permitted. */
export function readEnvironment(name: string): string | undefined {
  return Deno.permissions.querySync({ name: "env", variable: name }).state === "granted"
    ? Deno.env.get(name)
    : undefined;
}

/**
 * Returns the folder of slomo's downloads: `$SLOMO_CACHE`, or `slomo` in the system's cache folder.
 *
 * @param env Reads an environment variable.
 * @param os Operating system, as `Deno.build.os` names it.
 * @returns The path of the folder, which may not exist yet.
 * @example
 * ```ts
 * import { cacheFolder } from "@slomo/downloads";
 *
 * console.log(cacheFolder((name) => Deno.env.get(name)));
 * ```
 */
export function cacheFolder(env: Environment, os: string = Deno.build.os): string {
  const own = env("SLOMO_CACHE");
  if (own) return own;
  const home = env(os === "windows" ? "USERPROFILE" : "HOME") ?? ".";
  if (os === "windows") return join(env("LOCALAPPDATA") ?? join(home, "AppData", "Local"), "slomo");
  if (os === "darwin") return join(home, "Library", "Caches", "slomo");
  const xdg = env("XDG_CACHE_HOME");
  return join(xdg && isAbsolute(xdg) ? xdg : join(home, ".cache"), "slomo");
}
