import { z } from "zod";
import { API_VERSION, type PartDefinition, type Plugin, type SlotName } from "../contracts/parts.ts";
import { UsageError } from "../errors.ts";

/** A plugin and where it came from. */
export interface LoadedPlugin {
  /** The specifier in the manifest. */
  readonly specifier: string;
  /** The module's default export. */
  readonly plugin: Plugin;
}

/** Imports a module by its specifier; the runtime's own `import()` unless a test hands in another. */
export type ImportModule = (specifier: string) => Promise<Record<string, unknown>>;

const SLOTS: readonly SlotName[] = ["flowEstimator", "interpolator", "warp", "loss", "media", "rateDoubler"];

const isFunction = (value: unknown) => typeof value === "function";
const pluginShape = z.object({
  name: z.string().min(1),
  apiVersion: z.number(),
  provides: z.array(z.object({
    slot: z.enum(SLOTS as [SlotName, ...SlotName[]]),
    name: z.string().min(1),
    description: z.string(),
    options: z.custom((value) => typeof value === "object" && value !== null && "~standard" in value, {
      error: "expected a Standard Schema",
    }),
    memory: z.object({ bytesPerPixel: z.number().positive() }).optional(),
    alignment: z.int().positive().optional(),
    create: z.custom(isFunction, { error: "expected a function" }),
  })).min(1, { error: "expected one part or more" }),
});

function checked(module: Record<string, unknown>, specifier: string): Plugin {
  if (module.default === undefined) {
    throw new UsageError(
      `plugin ${specifier}: it has no default export; a plugin is \`export default definePlugin({ … })\``,
    );
  }
  const result = pluginShape.safeParse(module.default);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new UsageError(`plugin ${specifier}: its default export is no plugin: ${path.join(".") || "it"}: ${message}`);
  }
  const plugin = module.default as Plugin;
  if (plugin.apiVersion !== API_VERSION) {
    const way = plugin.apiVersion > API_VERSION ? "update slomo" : "look for a newer version of the plugin";
    throw new UsageError(
      `plugin ${plugin.name} (${specifier}) is written for version ${plugin.apiVersion} of slomo's plugin contract, ` +
        `this slomo has version ${API_VERSION}; ${way}`,
    );
  }
  return plugin;
}

function refuseTwice(plugins: readonly LoadedPlugin[]): void {
  const seen = new Map<string, string>();
  for (const { specifier, plugin } of plugins) {
    for (const { slot, name } of plugin.provides) {
      const key = `${slot} "${name}"`, first = seen.get(key);
      if (first !== undefined) throw new UsageError(`two plugins provide ${key}: ${first} and ${specifier}; keep one`);
      seen.set(key, specifier);
    }
  }
}

/** Seconds that a plugin may take to load unless told otherwise; one that comes over a slow line needs some. */
export const LOAD_SECONDS = 30;

/**
 * The runtime's own `import()`, given up after a while: a module that waits for what never comes would wait forever.
 *
 * @param seconds How long a module may take.
 */
export function importWithin(seconds: number): ImportModule {
  return async (specifier) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`it does not finish loading within ${seconds} s`)), 1000 * seconds);
    });
    try {
      return await Promise.race([import(specifier), late]);
    } finally {
      clearTimeout(timer);
    }
  };
}

/**
 * Imports plugins and checks what they export.
 *
 * @throws {UsageError} If one cannot be imported, is no plugin, is written for another version, or provides what another does.
 */
export async function loadPlugins(
  specifiers: readonly string[],
  importModule: ImportModule = importWithin(LOAD_SECONDS),
): Promise<LoadedPlugin[]> {
  const plugins: LoadedPlugin[] = [];
  for (const specifier of specifiers) {
    let module: Record<string, unknown>;
    try {
      module = await importModule(specifier);
    } catch (error) {
      const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
      throw new UsageError(`plugin ${specifier} cannot be loaded: ${why}`);
    }
    plugins.push({ specifier, plugin: checked(module, specifier) });
  }
  refuseTwice(plugins);
  return plugins;
}

/** What errors call a part: its plugin, its slot and its name. */
export function partLabel(plugin: Plugin, { slot, name }: Pick<PartDefinition, "slot" | "name">): string {
  return `plugin ${plugin.name}: ${slot} "${name}"`;
}

/**
 * The part of a slot by its name, and the plugin that provides it.
 *
 * @throws {UsageError} If no plugin provides it; names those that are there.
 */
export function findPart(
  plugins: readonly LoadedPlugin[],
  slot: SlotName,
  name: string,
): { readonly plugin: Plugin; readonly part: PartDefinition } {
  const provided = plugins.flatMap(({ plugin }) => plugin.provides.map((part) => ({ plugin, part })))
    .filter(({ part }) => part.slot === slot);
  const found = provided.find(({ part }) => part.name === name);
  if (found) return found;
  const there = provided.map(({ part }) => part.name).join(", ") || "none";
  throw new UsageError(`the manifest uses ${slot} "${name}", which no plugin provides; there are: ${there}`);
}

/** Where a plugin's code comes from: this machine, a registry, or a web server. */
export type PluginOrigin = "local" | "jsr" | "npm" | "https" | "http" | "other";

const REMOTE: ReadonlySet<string> = new Set(["jsr", "npm", "https", "http"]);

/** Where the code of a specifier comes from; a path is local. */
export function originOf(specifier: string): PluginOrigin {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(specifier)?.[1]?.toLowerCase() ?? "file";
  if (scheme === "file") return "local";
  return REMOTE.has(scheme) ? scheme as PluginOrigin : "other";
}
