import { z } from "zod";
import { API_VERSION, type PartDefinition, type Plugin, type SlotName } from "../contracts/parts.ts";
import { UsageError } from "../errors.ts";
import { modelsSchema } from "./registry.ts";

/** A plugin and its specifier. */
export interface LoadedPlugin {
  /** The specifier in the manifest. */
  readonly specifier: string;
  /** The module's default export. */
  readonly plugin: Plugin;
}

/** Imports a module by its specifier, as `import()` does. */
export type ImportModule = (specifier: string) => Promise<Record<string, unknown>>;

const SLOTS: readonly SlotName[] = ["flowEstimator", "interpolator", "warp", "loss", "media", "rateDoubler", "metric"];

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
    untraceable: z.string().optional(),
    untrained: z.string().optional(),
    create: z.custom(isFunction, { error: "expected a function" }),
  })).min(1, { error: "expected one part or more" }),
  models: modelsSchema.optional(),
});

/** Returns why a module cannot be loaded, in one line, with the place of a syntax error. */
function causeOf(error: unknown, specifier: string): string {
  if (/^[\w-][^:]*\.[cm]?[jt]s$/.test(specifier)) return `it is not a package; write ./${specifier} for a file`;
  if (!(error instanceof Error)) return String(error);
  const [cause = error.name] = error.message.split("\n");
  const place = cause.startsWith("SyntaxError") ? /^ +at (\S+:\d+:\d+)$/m.exec(error.message)?.[1] : undefined;
  return place ? `${cause} at ${place}` : cause;
}

function checked(module: Record<string, unknown>, specifier: string): Plugin {
  if (module.default === undefined) {
    throw new UsageError(
      `plugin ${specifier}: it has no default export; write \`export default definePlugin({ … })\``,
      { code: "invalid-plugin", option: "manifest" },
    );
  }
  const result = pluginShape.safeParse(module.default);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new UsageError(
      `plugin ${specifier}: its default export is not a plugin: ${path.join(".") || "it"}: ${message}`,
      { code: "invalid-plugin", option: "manifest" },
    );
  }
  const plugin = module.default as Plugin;
  if (plugin.apiVersion !== API_VERSION) {
    const advice = plugin.apiVersion > API_VERSION ? "update slomo" : "look for a newer version of the plugin";
    throw new UsageError(
      `plugin ${plugin.name} (${specifier}) is written for version ${plugin.apiVersion} of the contracts, ` +
        `and this slomo has version ${API_VERSION}; ${advice}`,
      { code: "plugin-version", option: "manifest" },
    );
  }
  return plugin;
}

function refuseDuplicates(plugins: readonly LoadedPlugin[]): void {
  const seen = new Map<string, string>();
  for (const { specifier, plugin } of plugins) {
    for (const { slot, name } of plugin.provides) {
      const key = `${slot} "${name}"`, first = seen.get(key);
      if (first !== undefined) {
        throw new UsageError(`two plugins provide ${key}: ${first} and ${specifier}; keep one`, {
          code: "duplicate-part",
          option: "manifest",
        });
      }
      seen.set(key, specifier);
    }
  }
}

/** Default time limit for loading a plugin, in seconds, long enough for a download. */
export const LOAD_SECONDS = 30;

/**
 * Returns an `import()` with a time limit, because a module with a top-level `await` can wait forever.
 *
 * @param seconds Time limit for one module, above 0.
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
 * Imports plugins and validates their exports.
 *
 * @throws {UsageError} If a module cannot be imported or is not a plugin, is written for another version of the contracts, or
 * provides a part that another plugin provides.
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
      throw new UsageError(`plugin ${specifier} cannot be loaded: ${causeOf(error, specifier)}`, {
        code: "plugin-failed",
        option: "manifest",
      });
    }
    plugins.push({ specifier, plugin: checked(module, specifier) });
  }
  refuseDuplicates(plugins);
  return plugins;
}

/** Returns the name of a part for errors: its plugin, its slot and its name. */
export function partLabel(plugin: Plugin, { slot, name }: Pick<PartDefinition, "slot" | "name">): string {
  return `plugin ${plugin.name}: ${slot} "${name}"`;
}

/**
 * Returns a part by its slot and name, and the plugin that provides it.
 *
 * @throws {UsageError} If no plugin provides it; the message lists the parts of the slot.
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
  const available = provided.map(({ part }) => part.name).join(", ") || "none";
  throw new UsageError(`the manifest uses ${slot} "${name}", which no plugin provides; available: ${available}`, {
    code: "unknown-part",
    option: "manifest",
  });
}

/** Origin of a plugin's code: this machine, a registry, or a web server. */
export type PluginOrigin = "local" | "jsr" | "npm" | "https" | "http" | "other";

const REMOTE: ReadonlySet<string> = new Set(["jsr", "npm", "https", "http"]);

/** Returns the origin of a specifier; a path is local. */
export function originOf(specifier: string): PluginOrigin {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(specifier)?.[1]?.toLowerCase() ?? "file";
  if (scheme === "file") return "local";
  return REMOTE.has(scheme) ? scheme as PluginOrigin : "other";
}
