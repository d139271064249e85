/** Checks that the packages are released together: one version, and specifiers that ask for it. */
import { join, relative } from "@std/path";
import type { Package } from "./packages.ts";

/** The text of a file that may name packages. */
export interface TextFile {
  /** Path from the repository's root, with forward slashes. */
  readonly path: string;
  /** Its text. */
  readonly text: string;
}

/** Reads all code, pages, configurations and manifests below a folder, except in hidden folders and `node_modules`. */
export async function readTexts(root: string, folder = root): Promise<TextFile[]> {
  const files: TextFile[] = [];
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (name.startsWith(".") || name === "node_modules") continue;
    if (isDirectory) files.push(...await readTexts(root, path));
    else if (isFile && /\.(ts|md|jsonc?)$/.test(name)) {
      files.push({ path: relative(root, path).replaceAll("\\", "/"), text: await Deno.readTextFile(path) });
    }
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

const SPECIFIER = /jsr:\/?(@slomo\/[a-z][a-z\d-]*)(?:@([~^<>=*]*\s?\d[\w+-]*(?:\.[\w+-]+)*|\*|latest))?/g;

/**
 * Finds packages whose version differs from the root's, and `jsr:` specifiers of packages that do not exist or whose
 * version range is not `^VERSION`. A wider range would combine a release with packages of an older one.
 *
 * @param packages The packages of the workspace, the root's among them.
 * @param files Texts that may contain specifiers. A specifier without a version means the newest one and is accepted.
 */
export function findVersionMismatches(packages: readonly Package[], files: readonly TextFile[]): string[] {
  const { version } = packages.find(({ folder }) => folder === ".")!;
  const names = new Set(packages.map(({ name }) => name));
  const wrongPackages = packages.filter((one) => one.version !== version).map((one) =>
    `${one.folder}/deno.json: has version ${one.version}, the root package has ${version}; set the same (versions)`
  );
  const wrongSpecifiers = files.flatMap(({ path, text }) =>
    [...text.matchAll(SPECIFIER)].flatMap(([specifier, name, range]) => {
      if (!names.has(name!)) return [`${path}: names ${specifier}, which is no package of the workspace (versions)`];
      if (range === undefined || range === `^${version}`) return [];
      return [`${path}: names ${specifier}; write jsr:${name}@^${version} (versions)`];
    })
  );
  return [...wrongPackages, ...wrongSpecifiers];
}
