import { deepStrictEqual as equal, notDeepStrictEqual as unequal } from "node:assert/strict";
import type { MediaInfo, PairEngine } from "@slomo/core";
import type { ResolvedManifest } from "@slomo/core/manifest";
import { join, toFileUrl } from "@std/path";
import { jobFacts } from "./job_facts.ts";
import { type InterpolateCommand, parseInterpolate } from "./options.ts";
import type { Model } from "./session.ts";
import { hashSources } from "./source_hash.ts";

const manifest = { plugins: [], use: {} } as unknown as ResolvedManifest;
const engine = { backend: "cpu", device: "test" } as PairEngine;
const model: Model = { engine, weights: undefined, tiles: undefined };
const video = { width: 3840, height: 2160 };

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-facts-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function factsOf(args: string, location: string, changes: Partial<Parameters<typeof jobFacts>[1]> = {}) {
  const command = parseInterpolate(["in.mp4", ...args.split(" ").filter(Boolean)]) as InterpolateCommand;
  return await jobFacts(command, { info: { location, video } as MediaInfo, manifest, model, ...changes });
}

Deno.test("jobFacts() names what changes frames, and passes over what does not", async () => {
  await withFolder(async (folder) => {
    const video = join(folder, "a.mp4");
    await Deno.writeTextFile(video, "a video");
    const plain = await factsOf("out.mp4", video);
    const same =
      "other.mp4 --factor 2 --audio drop --overwrite --resume --json --quiet --workers 1 --crf 20 --codec ffv1";
    equal(await factsOf(same, video), plain);
    const changed = async (args: string) => {
      const facts = await factsOf(`out.mp4 ${args}`, video);
      return Object.keys({ ...plain, ...facts }).filter((name) => facts[name] !== plain[name]);
    };
    equal(await changed("--factor 3"), ["--factor or --fps"]);
    equal(await changed("--slow-motion --start 1 --loop"), ["--slow-motion", "--start", "--loop"]);
    equal(await changed("--no-cuts"), ["--cut-threshold or --no-cuts"]);
    equal((await changed("--flow-scale 0.5 --precision bfloat16")).sort(), ["--flow-scale", "--precision"]);
    equal(await changed("--flow-out flow"), ["--flow-out"]);
  });
});

Deno.test("jobFacts() tells a changed source, model, backend and manifest", async () => {
  await withFolder(async (folder) => {
    const video = join(folder, "a.mp4");
    await Deno.writeFile(video, new Uint8Array(3 * 2 ** 20));
    const before = await factsOf("out.mp4", video), { mtime } = await Deno.stat(video);
    using file = await Deno.open(video, { write: true });
    await file.seek(-1, Deno.SeekMode.End);
    await file.write(Uint8Array.of(7));
    await Deno.utime(video, mtime!, mtime!);
    unequal((await factsOf("out.mp4", video))["the input"], before["the input"]);
    const changed = async (change: Partial<Model>, name: string) =>
      unequal((await factsOf("out.mp4", video, { model: { ...model, ...change } }))[name], before[name]);
    await changed({ weights: { bytes: Uint8Array.of(1) } as unknown as NonNullable<Model["weights"]> }, "the model");
    await changed({ engine: { ...engine, device: "another" } }, "the backend");
    await changed({ tiles: { tile: 1024, overlap: 256 } }, "the tiles");
    const large = { ...model, tiles: { tile: 4096, overlap: 256 } };
    equal((await factsOf("out.mp4", video, { model: large }))["the tiles"], before["the tiles"]);
    const info = { location: folder, video, frameNames: ["1.png", "2.png"] } as unknown as MediaInfo;
    for (const name of info.frameNames!) await Deno.writeTextFile(join(folder, name), name);
    const images = await factsOf("out", folder, { info });
    await Deno.writeTextFile(join(folder, "2.png"), "another picture");
    unequal((await factsOf("out", folder, { info }))["the input"], images["the input"]);
  });
});

Deno.test("hashSources() sees changes in modules that a module imports, wherever they lie", async () => {
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
