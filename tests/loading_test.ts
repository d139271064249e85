import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { inRepo } from "./_tools.ts";

/** A module in the output of `deno info --json`. */
interface GraphModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier?: string };
  }[];
}

async function deno(...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { NO_COLOR: "1" },
  })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** Returns the modules that a script loads before it starts: without types and dynamic imports. */
async function loadedBy(script: string): Promise<string[]> {
  const { roots, modules, redirects } = JSON.parse(await deno("info", "--json", inRepo(script))) as {
    readonly roots: readonly string[];
    readonly modules: readonly GraphModule[];
    readonly redirects: Readonly<Record<string, string>>;
  };
  const byName = new Map(modules.map((module) => [module.specifier, module]));
  const found = new Set<string>(), waiting = [...roots];
  for (let next: string | undefined; (next = waiting.pop()) !== undefined;) {
    const specifier = redirects[next] ?? next;
    if (found.has(specifier)) continue;
    found.add(specifier);
    for (const { isDynamic, code } of byName.get(specifier)?.dependencies ?? []) {
      if (!isDynamic && code?.specifier) waiting.push(code.specifier);
    }
  }
  return [...found];
}

Deno.test("interpolate loads no library that computes before it starts", async () => {
  const loaded = await loadedBy("scripts/interpolate.ts");
  ok(loaded.some((specifier) => specifier.endsWith("/engine/open_engine.ts")), "the graph is that of the task");
  const heavy = /@tensorflow\/|onnxruntime|@bufbuild\/|@zip\.js|h5wasm|fast-png/;
  equal(loaded.filter((specifier) => heavy.test(specifier) && specifier.startsWith("npm:")), []);
  ok(loaded.length < 200, `${loaded.length} modules`);
});

Deno.test("the start script loads a few small modules only", async () => {
  const loaded = await loadedBy("scripts/main.ts");
  equal(loaded.filter((specifier) => !specifier.startsWith("file:")), []);
  ok(loaded.length < 10, loaded.join("\n"));
});

Deno.test("plugins load tfjs when a network computes, not when it is created", async () => {
  const code = `
    import { openSlomo } from ${JSON.stringify(inRepo("mod.ts"))};
    await using slomo = await openSlomo();
    const { warp } = await slomo.toolkit.networks();
    const isLoaded = () => "_tfengine" in globalThis;
    const before = isLoaded();
    const tf = await import("@tensorflow/tfjs-core");
    try {
      warp.warp(tf.zeros([1, 2, 2, 1]), tf.zeros([1, 2, 2, 2]));
    } catch {
      // There is no backend.
    }
    console.log(JSON.stringify([before, isLoaded()]));`;
  const out = await deno("eval", "--config", inRepo("deno.json"), code);
  equal(JSON.parse(out.trim().split("\n").at(-1)!), [false, true]);
});
