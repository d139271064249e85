import { deepStrictEqual as equal, ok } from "node:assert/strict";

/** A module in the output of `deno info --json`. */
interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier: string };
    readonly isDynamic?: boolean;
  }[];
}

/** Returns the specifiers of the modules that are loaded together with a module, without `import()`. */
async function loadedWith(path: string): Promise<string[]> {
  const url = new URL(path, import.meta.url).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", url], stderr: "null" })
    .output();
  const { modules, redirects }: {
    readonly modules: readonly ModuleInfo[];
    readonly redirects: Readonly<Record<string, string>>;
  } = JSON.parse(new TextDecoder().decode(stdout));
  const infos = new Map(modules.map((module) => [module.specifier, module] as const));
  const found = new Set<string>(), waiting = [url];
  for (let next: string | undefined; (next = waiting.pop()) !== undefined;) {
    const specifier = redirects[next] ?? next;
    if (found.has(specifier)) continue;
    found.add(specifier);
    for (const { code, isDynamic } of infos.get(specifier)?.dependencies ?? []) {
      if (code && !isDynamic) waiting.push(code.specifier);
    }
  }
  return [...found];
}

Deno.test("a worker whose graphs are in the cache loads no tfjs, no plugins and no schemas", async () => {
  for (const path of ["../pool/pair_worker.ts", "open_backend.ts", "backend.ts"]) {
    const loaded = await loadedWith(path);
    ok(loaded.some((specifier) => specifier.endsWith(path.replace("..", ""))), path);
    equal(loaded.filter((specifier) => /tfjs|zod|protobuf|\/plugins\/|\/core\/manifest\//.test(specifier)), [], path);
  }
  const traced = await loadedWith("pair/pair_tracer.ts");
  for (const name of ["tfjs-core", "protobuf"]) ok(traced.some((specifier) => specifier.includes(name)), name);
});
