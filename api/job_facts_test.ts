import { deepStrictEqual as equal, notDeepStrictEqual as unequal, ok } from "node:assert/strict";
import { BACKENDS } from "./backends.ts";
import type { MediaInfo, PairEngine } from "@slomo/core";
import type { ResolvedManifest } from "@slomo/core/manifest";
import { collectSources, hashSources, hashTexts } from "@slomo/core/sources";
import { rational } from "@slomo/core/time";
import type { FrameOptions, JobOptions } from "@slomo/core/video";
import { join, toFileUrl } from "@std/path";
import { PAIR_WORKER } from "@slomo/engine";
import { codeOf, jobFacts, type ModelSettings } from "./job_facts.ts";
import type { Model } from "./model.ts";

const manifest = { plugins: [], use: {} } as unknown as ResolvedManifest;
const engine = { backend: "cpu", device: "test" } as PairEngine;
const model: Model = { engine, weights: undefined, tiles: undefined };
const video = { width: 3840, height: 2160 };
const factor = (by: number): FrameOptions => ({ sampling: { kind: "factor", factor: rational(by) } });

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-facts-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns the facts of a job that doubles the rate of the video at `location`. */
async function factsOf(location: string, changes: {
  readonly options?: Partial<JobOptions>;
  readonly settings?: ModelSettings;
  readonly info?: MediaInfo;
  readonly model?: Model;
} = {}) {
  const options = { input: "in.mp4", output: "out.mp4", frames: factor(2), ...changes.options };
  const info = changes.info ?? { location, video } as MediaInfo, { settings } = changes;
  return await jobFacts({ options, info }, { manifest, model: changes.model ?? model, ...settings && { settings } })();
}

Deno.test("jobFacts() includes options that change frames, and no others", async () => {
  await withFolder(async (folder) => {
    const video = join(folder, "a.mp4");
    await Deno.writeTextFile(video, "a video");
    const plain = await factsOf(video);
    const same: Partial<JobOptions> = { output: "other.mp4", audio: "drop", overwrite: true, crf: 20, encoder: "ffv1" };
    equal(await factsOf(video, { options: same }), plain);
    const changed = async (changes: Parameters<typeof factsOf>[1]) => {
      const facts = await factsOf(video, changes);
      return Object.keys({ ...plain, ...facts }).filter((name) => facts[name] !== plain[name]);
    };
    equal(await changed({ options: { frames: factor(3) } }), ["`factor`, `fps`, `slow` or `retime`"]);
    const slow = { slowMotion: true, start: rational(1), frames: { ...factor(2), loop: true } };
    equal(await changed({ options: slow }), ["`slowMotion`", "`start`", "`loop`"]);
    equal(await changed({ options: { frames: { ...factor(2), cuts: false } } }), ["`cuts`"]);
    const settings = { flowScale: 0.5, precision: "bfloat16" };
    equal((await changed({ settings })).sort(), ["`flowScale`", "`precision`"]);
    equal(await changed({ settings: { flowOut: "flow" } }), ["`flowOut`"]);
  });
});

Deno.test("jobFacts() detects a changed source, model, backend and manifest", async () => {
  await withFolder(async (folder) => {
    const video = join(folder, "a.mp4");
    await Deno.writeFile(video, new Uint8Array(3 * 2 ** 20));
    const before = await factsOf(video), { mtime } = await Deno.stat(video);
    using file = await Deno.open(video, { write: true });
    await file.seek(-1, Deno.SeekMode.End);
    await file.write(Uint8Array.of(7));
    await Deno.utime(video, mtime!, mtime!);
    unequal((await factsOf(video))["the input"], before["the input"]);
    const changed = async (change: Partial<Model>, name: string) =>
      unequal((await factsOf(video, { model: { ...model, ...change } }))[name], before[name]);
    await changed({ weights: { bytes: Uint8Array.of(1) } as unknown as NonNullable<Model["weights"]> }, "the model");
    await changed({ engine: { ...engine, device: "another" } }, "the backend");
    await changed({ tiles: { tile: 1024, overlap: 256 } }, "the tiles");
    const large = { ...model, tiles: { tile: 4096, overlap: 256 } };
    equal((await factsOf(video, { model: large }))["the tiles"], before["the tiles"]);
    const info = { location: folder, video, frameNames: ["1.png", "2.png"] } as unknown as MediaInfo;
    for (const name of info.frameNames!) await Deno.writeTextFile(join(folder, name), name);
    const images = await factsOf(folder, { info });
    await Deno.writeTextFile(join(folder, "2.png"), "another image");
    unequal((await factsOf(folder, { info }))["the input"], images["the input"]);
  });
});

Deno.test("hashSources() detects changes in imported modules, in any folder", async () => {
  const hashIn = async (folder: string, number: number) => {
    await Deno.writeTextFile(join(folder, "plugin.ts"), 'import { a } from "./a.ts";\nexport * from "npm:x@1";\n');
    await Deno.writeTextFile(join(folder, "a.ts"), `import "./b.ts";\nexport const a = 1;\n`);
    await Deno.writeTextFile(join(folder, "b.ts"), `import "./a.ts";\nexport const b = ${number};\n`);
    return await hashSources([toFileUrl(join(folder, "plugin.ts")).href, "https://example.com/mod.ts"]);
  };
  await withFolder(async (one) => {
    await withFolder(async (two) => {
      equal(await hashIn(one, 1), await hashIn(two, 1));
      unequal(await hashIn(one, 1), await hashIn(two, 2));
    });
  });
});

Deno.test("the code of a job includes the modules that only its worker or its backend imports", async () => {
  for (const { name, module } of BACKENDS) {
    const code = codeOf([], name), all = await collectSources(code), worker = PAIR_WORKER.href;
    const without = (entry: string) => collectSources(code.filter((url) => url !== entry));
    const withoutWorker = await without(worker);
    for (const others of [withoutWorker, await without(module)]) {
      const own = [...all.keys()].find((url) => !others.has(url));
      if (own === undefined) continue; // The library imports the backend too.
      const changed = (url: string) => Promise.resolve(all.get(url)! + (url === own ? "// changed" : ""));
      unequal(await hashSources(code, changed), await hashTexts(all), own);
    }
    ok(all.has(worker) && all.has(module), name);
    ok([...all.keys()].some((url) => !withoutWorker.has(url)), "some module is reached through the worker only");
  }
});
