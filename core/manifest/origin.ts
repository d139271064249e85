/** Where a plugin's code comes from: this machine, a registry, or a web server. */
export type PluginOrigin = "local" | "jsr" | "npm" | "https" | "http" | "other";

const REMOTE: ReadonlySet<string> = new Set(["jsr", "npm", "https", "http"]);

/** Where the code of a specifier comes from; a path is local. */
export function originOf(specifier: string): PluginOrigin {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(specifier)?.[1]?.toLowerCase() ?? "file";
  if (scheme === "file") return "local";
  return REMOTE.has(scheme) ? scheme as PluginOrigin : "other";
}
