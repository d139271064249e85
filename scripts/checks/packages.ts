/** The packages of the repository, and which of them may import which. */
import { join } from "@std/path";

/** A package, as its `deno.json` describes it. */
export interface Package {
  /** Folder from the repository's root, with forward slashes; `.` for the root. */
  readonly folder: string;
  /** Name on JSR. */
  readonly name: string;
  /** Version of the package; `undefined` if the file states none. */
  readonly version: string | undefined;
  /** Files by the names under which they are imported; `.` is the name of the package. */
  readonly exports: Readonly<Record<string, string>>;
  /** The package's own import map. */
  readonly imports: Readonly<Record<string, string>>;
}

/**
 * The packages that each package may import, by folder. `plugins/*` means each plugin, `scripts` means the command
 * line. Folders that are not listed, such as `tests`, may import everything.
 */
export const DEPENDENCIES: Readonly<Record<string, readonly string[]>> = {
  "core": [],
  "ops": [],
  "downloads": ["core"],
  "weights": ["core"],
  "engine": ["core", "ops", "weights"],
  "engine/onnx": ["core", "ops", "weights", "engine", "downloads"],
  "engine/tensorflow": ["core", "ops", "engine", "downloads"],
  "queue": ["core"],
  "storage": ["core"],
  "training": ["core", "ops", "weights", "engine"],
  "testing": ["core", "ops", "weights", "engine", "engine/onnx"],
  "plugins/*": ["core", "ops"],
  "plugins/codecs": ["core", "downloads"],
  "examples/*": ["core", "ops"],
  "web": [".", "core"],
  "scripts": [
    ".",
    "core",
    "downloads",
    "ops",
    "weights",
    "engine",
    "engine/onnx",
    "engine/tensorflow",
    "queue",
    "storage",
    "training",
    "testing",
    "web",
  ],
  ".": ["core", "ops", "weights", "engine", "engine/onnx", "engine/tensorflow", "downloads", "storage"],
};

/** Parses the text of a `deno.json`. */
export function parsePackage(folder: string, config: string): Package {
  const { name, version, exports = {}, imports = {} } = JSON.parse(config) as {
    readonly name: string;
    readonly version?: string;
    readonly exports?: string | Readonly<Record<string, string>>;
    readonly imports?: Readonly<Record<string, string>>;
  };
  return { folder, name, version, exports: typeof exports === "string" ? { ".": exports } : exports, imports };
}

/** Reads the packages of a workspace, the root's first. */
export async function readPackages(root: string): Promise<Package[]> {
  const config = await Deno.readTextFile(join(root, "deno.json"));
  const { workspace } = JSON.parse(config) as { readonly workspace: readonly string[] };
  const members = workspace.map(async (member) => {
    const folder = member.replace(/^\.\//, "");
    return parsePackage(folder, await Deno.readTextFile(join(root, folder, "deno.json")));
  });
  return [parsePackage(".", config), ...await Promise.all(members)];
}

/**
 * Returns the folder of the package that a file belongs to, or its top folder if it belongs to none: `core` for
 * `core/time/mod.ts`, `engine/onnx` for `engine/onnx/mod.ts`, `tests` for `tests/time_test.ts`, `.` for `mod.ts`.
 *
 * @param path Path from the repository's root, with forward slashes.
 */
export function folderOf(path: string, packages: readonly Package[]): string {
  const owners = packages.filter(({ folder }) => path.startsWith(`${folder}/`));
  const deepest = owners.sort((a, b) => b.folder.length - a.folder.length)[0];
  if (deepest) return deepest.folder;
  const top = /^([^/]+)\//.exec(path)?.[1];
  // The files of the root package's exports are in folders that are not packages.
  const isOfRoot = packages.some(({ folder, exports }) =>
    folder === "." && Object.values(exports).some((file) => file.startsWith(`./${top}/`))
  );
  return top === undefined || isOfRoot ? "." : top;
}

/** Returns the packages that a folder may import; `undefined` if it may import all. */
export function dependenciesOf(folder: string): readonly string[] | undefined {
  return DEPENDENCIES[folder] ?? DEPENDENCIES[folder.replace(/\/[^/]+$/, "/*")];
}

/**
 * Returns the file of an import as a path from the repository's root; `undefined` if it is outside.
 *
 * @param path The file that imports.
 * @param specifier The specifier in the code.
 */
export function resolveImport(path: string, specifier: string, packages: readonly Package[]): string | undefined {
  if (specifier.startsWith(".")) return new URL(specifier, `file:///${path}`).pathname.slice(1);
  for (const { folder, name, exports } of packages) {
    if (specifier !== name && !specifier.startsWith(`${name}/`)) continue;
    const file = exports[`.${specifier.slice(name.length)}`];
    return file && join(folder, file).replaceAll("\\", "/");
  }
}
