import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { join, toFileUrl } from "@std/path";
import { type EntryFacts, GraphCache } from "./graph_cache.ts";
import { collectSources, factsOf } from "@slomo/core/sources";

const SIZE = 1000;

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-graphs-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

const FILE = "frame.onnx";
const FACTS: EntryFacts = {
  labels: { flow: "the flow", interpolation: "the interpolator" },
  graphs: {
    frame: {
      file: FILE,
      bytes: SIZE,
      isOptimized: true,
      inputs: [{ name: "first", dims: [1, 2, 3, 3], type: "float32" }],
      outputs: [{ name: "frame", dims: [1, 2, 3, 3], type: "float32" }],
    },
  },
  sources: [],
};

/** Writes an entry as a process does that has traced a network. */
async function store(cache: GraphCache, key: string, facts: EntryFacts = FACTS): Promise<void> {
  const entry = (await cache.begin(key))!;
  await Deno.writeFile(join(entry.folder, FILE), new Uint8Array(SIZE));
  await entry.finish(facts);
}

Deno.test("GraphCache.find() returns an entry once it is complete", async () => {
  await withFolder(async (folder) => {
    const cache = new GraphCache(join(folder, "graphs"));
    equal(await cache.find("a"), undefined);
    const entry = (await cache.begin("a"))!;
    await Deno.writeFile(join(entry.folder, FILE), new Uint8Array(SIZE));
    equal(await cache.find("a"), undefined);
    await entry.finish(FACTS);
    equal(await cache.find("a"), { ...FACTS, folder: join(folder, "graphs", "a") });
    equal(namesIn(join(folder, "graphs")), ["a"]);
  });
});

Deno.test("GraphCache.find() discards entries that are damaged", async (t) => {
  const damages: Record<string, (entry: string) => Promise<void>> = {
    "a truncated graph": (entry) => Deno.truncate(join(entry, FILE), 10),
    "no graph": (entry) => Deno.remove(join(entry, FILE)),
    "an empty description": (entry) => Deno.truncate(join(entry, "entry.json"), 0),
    "another description": (entry) => Deno.writeTextFile(join(entry, "entry.json"), "[1]"),
    "no description": (entry) => Deno.remove(join(entry, "entry.json")),
  };
  for (const [name, damage] of Object.entries(damages)) {
    await t.step(name, () =>
      withFolder(async (folder) => {
        const cache = new GraphCache(folder);
        await store(cache, "a");
        await damage(join(folder, "a"));
        equal(await cache.find("a"), undefined);
        equal(namesIn(folder), []);
        await store(cache, "a");
        ok(await cache.find("a"));
      }));
  }
});

Deno.test("GraphCache.find() discards an entry after a change of the code that traced it", async () => {
  await withFolder(async (folder) => {
    const plugin = join(folder, "plugin.ts"), helper = join(folder, "helper.ts");
    await Deno.writeTextFile(plugin, 'import "./helper.ts";\n');
    await Deno.writeTextFile(helper, "export const a = 1;\n");
    const sources = await factsOf(await collectSources([toFileUrl(plugin).href]));
    equal(sources.length, 2);
    const cache = new GraphCache(join(folder, "graphs"));
    await store(cache, "a", { ...FACTS, sources });
    ok(await cache.find("a"));
    await Deno.utime(helper, 1000, 1000);
    ok(await cache.find("a"), "another date alone changes nothing");
    await Deno.writeTextFile(helper, "export const a = 2;\n");
    equal(await cache.find("a"), undefined);
    await store(cache, "a", { ...FACTS, sources: await factsOf(await collectSources([toFileUrl(plugin).href])) });
    await Deno.remove(helper);
    equal(await cache.find("a"), undefined);
  });
});

Deno.test("GraphCache keeps one entry if several processes write it at once", async () => {
  await withFolder(async (folder) => {
    const caches = [1, 2, 3].map(() => new GraphCache(folder));
    await Promise.all(caches.map((cache) => store(cache, "a")));
    equal(namesIn(folder), ["a"]);
    ok(await caches[0]!.find("a"));
    await store(caches[1]!, "a");
    equal(namesIn(folder), ["a"]);
  });
});

Deno.test("GraphCache removes the least recently used entries beyond its limit, and abandoned ones", async () => {
  await withFolder(async (folder) => {
    const cache = new GraphCache(folder, 3.5 * SIZE);
    const usedAt = (key: string, seconds: number) => Deno.utime(join(folder, key, "entry.json"), seconds, seconds);
    await store(cache, "a");
    await usedAt("a", 1000);
    await store(cache, "b");
    await usedAt("b", 2000);
    ok(await cache.find("a"));
    const abandoned = (await cache.begin("d"))!.folder, running = (await cache.begin("e"))!.folder;
    await Deno.utime(abandoned, 1000, 1000);
    await store(cache, "c");
    equal(namesIn(folder).filter((name) => name.length === 1), ["a", "c"]);
    ok(!namesIn(folder).some((name) => abandoned.endsWith(name)));
    ok(namesIn(folder).some((name) => running.endsWith(name)));
    const tiny = new GraphCache(folder, 1);
    await store(tiny, "d");
    equal(namesIn(folder).filter((name) => name.length === 1), ["d"]);
  });
});

Deno.test("GraphCache.find() returns an entry that another user owns", async () => {
  await withFolder(async (folder) => {
    const cache = new GraphCache(folder), { utime } = Deno;
    await store(cache, "a");
    Deno.utime = () => Promise.reject(new Deno.errors.PermissionDenied("not the owner"));
    try {
      ok(await cache.find("a"));
    } finally {
      Deno.utime = utime;
    }
  });
});

Deno.test("GraphCache.begin() returns nothing if the folder cannot be written", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    const cache = new GraphCache(join(folder, "file"));
    equal(await cache.find("a"), undefined);
    equal(await cache.begin("a"), undefined);
  });
});

Deno.test("an entry that cannot be completed is removed", async () => {
  await withFolder(async (folder) => {
    const cache = new GraphCache(folder), entry = (await cache.begin("a"))!;
    await entry.finish(FACTS);
    equal(namesIn(folder), []);
  });
});
