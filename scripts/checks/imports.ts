/** Checks of imports: cycles, dependencies between packages, and specifiers that do not resolve outside a clone. */
import type { SourceFile } from "@slomo/core/sources";
import { isTest } from "./_source.ts";
import { dependenciesOf, folderOf, type Package, resolveImport } from "./packages.ts";

/** Finds import cycles between files; type-only and dynamic imports count. Each finding shows one whole cycle. */
export function findCycles(files: readonly SourceFile[], packages: readonly Package[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const findings: string[] = [], done = new Set<string>(), stack: string[] = [];
  const visit = (file: SourceFile) => {
    const start = stack.indexOf(file.path);
    if (start >= 0) {
      findings.push(
        `import cycle: ${
          [...stack.slice(start), file.path].join(" → ")
        }; move the shared code to a third file (cycles)`,
      );
    }
    if (start >= 0 || done.has(file.path)) return;
    stack.push(file.path);
    for (const specifier of file.imports) {
      const target = byPath.get(resolveImport(file.path, specifier, packages) ?? "");
      if (target) visit(target);
    }
    done.add(stack.pop()!);
  };
  files.forEach(visit);
  return findings;
}

/** Finds imports between packages that {@linkcode dependenciesOf} does not allow. Tests may import all packages. */
export function findWrongDependencies(files: readonly SourceFile[], packages: readonly Package[]): string[] {
  const unknown = packages.filter(({ folder }) => dependenciesOf(folder) === undefined).map(({ folder }) =>
    `${folder}: is a package without an entry in scripts/checks/packages.ts (dependencies)`
  );
  const wrong = files.filter(({ path }) => !isTest(path)).flatMap(({ path, imports }) => {
    const folder = folderOf(path, packages), allowed = dependenciesOf(folder);
    if (allowed === undefined) return [];
    return imports.flatMap((specifier) => {
      const file = resolveImport(path, specifier, packages), target = file && folderOf(file, packages);
      if (target === undefined || target === folder || allowed.includes(target)) return [];
      const rule = target.startsWith("plugins/")
        ? "a plugin is loaded through the manifest"
        : `${folder} may import ${allowed.join(", ") || "no other package"}`;
      return [`${path}: imports ${specifier}; ${rule} (dependencies)`];
    });
  });
  return [...unknown, ...wrong];
}

const SCHEME = /^(npm|jsr|node|https|data):/;

/** Specifiers that a file imports or resolves by a constant, and literals that it resolves: `import(READER)`. */
function indirectSpecifiers(code: string): string[] {
  const constants = new Map([...code.matchAll(/\bconst (\w+)(?:: string)? = "([^"\n]+)"/g)].map(([, a, b]) => [a, b!]));
  const uses = code.matchAll(/\b(?:import|import\.meta\.resolve)\(\s*(\w+)\s*[,)]/g);
  const literals = code.matchAll(/\bimport\.meta\.resolve\(\s*"([^"\n]+)"/g);
  const named = [...uses].flatMap(([, name]) => constants.get(name!) ?? []);
  return [...named, ...[...literals].map(([, literal]) => literal!)];
}

/** Relative URLs that a file resolves against its own URL: workers, templates, files beside it. */
function ownUrls(code: string): string[] {
  return [...code.matchAll(/\bnew URL\(\s*["'`](\.[^"'`$]*)[^)]*\bimport\.meta\.url/g)].map(([, url]) => url!);
}

/**
 * Finds imports in published files that work in a clone only: paths outside the package, names that no import
 * map has, and names that are resolved when the program runs, where there is no import map.
 *
 * @param files The published files of the package.
 */
export function findUnresolvable(
  own: Package,
  files: readonly SourceFile[],
  packages: readonly Package[],
): string[] {
  const root = packages.find(({ folder }) => folder === ".")!;
  return files.flatMap(({ path, imports, code }) => {
    const folder = folderOf(path, packages);
    const mapped = Object.keys({ ...root.imports, ...own.imports });
    const isMapped = (specifier: string) =>
      mapped.some((name) => specifier === name || specifier.startsWith(name.replace(/\/?$/, "/")));
    const leaves = (specifier: string) => folderOf(resolveImport(path, specifier, packages)!, packages) !== folder;
    const say = (specifier: string, why: string) => [`${path}: uses ${specifier}, ${why} (imports)`];
    const paths = [...imports.filter((specifier) => specifier.startsWith(".")), ...ownUrls(code)];
    return [
      ...paths.filter(leaves).flatMap((one) => say(one, `which is outside the package ${own.name}; import by name`)),
      ...imports.flatMap((one) =>
        /^\./.test(one) || SCHEME.test(one) || isMapped(one) || resolveImport(path, one, packages)
          ? []
          : say(one, "which no import map and no package has; add it to deno.json")
      ),
      ...indirectSpecifiers(code).filter((one) => !SCHEME.test(one) && !one.startsWith(".")).flatMap((one) =>
        say(one, "a name that is not found at run time outside a clone; write npm: or jsr: and a version")
      ),
    ];
  });
}

const NPM = /^npm:((?:@[^/@\s]+\/)?[^/@\s]+)@([^/\s]+)(?:\/\S*)?$/;

/** Finds `npm:` specifiers in code and in packages' import maps whose version is not that of the root's `deno.json`. */
export function findWrongVersions(files: readonly SourceFile[], packages: readonly Package[]): string[] {
  const root = packages.find(({ folder }) => folder === ".")!;
  const pinned = new Map(
    Object.values(root.imports).flatMap((specifier) => {
      const [, name, version] = NPM.exec(specifier) ?? [];
      return name ? [[name, version!] as const] : [];
    }),
  );
  const places = [
    ...files.filter(({ path }) => !isTest(path)).map(({ path, literals }) => ({ path, literals })),
    ...packages.map(({ folder, imports }) => ({ path: `${folder}/deno.json`, literals: Object.values(imports) })),
  ];
  return places.flatMap(({ path, literals }) =>
    literals.flatMap((literal) => {
      const [, name, version] = NPM.exec(literal) ?? [];
      if (name === undefined || pinned.get(name) === version) return [];
      const rule = pinned.has(name) ? `deno.json has ${pinned.get(name)}` : "deno.json does not have it; pin it there";
      return [`${path}: names ${literal}; ${rule} (versions)`];
    })
  );
}
