import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Ended, ffmpeg, inRepo, task, type TaskName, withFolder } from "../tests/_tools.ts";

const SMALL = inRepo("plugins/flow-backbones/rife/fixtures/small.pt");

/** Writes a manifest with a registry of one model `small`, a RIFE of few channels. Returns its path. */
async function writeManifest(at: (name: string) => string): Promise<string> {
  const bytes = await Deno.readFile(SMALL), sha256 = createHash("sha256").update(bytes).digest("hex");
  const entry = {
    ...{ description: "RIFE with few channels", strengths: "Tests", license: "MIT", source: "https://example.com/" },
    ...{ part: "rife", from: { url: "./small.pt", bytes: bytes.length, sha256 } },
  };
  await Deno.writeFile(at("small.pt"), bytes);
  await Deno.writeTextFile(at("models.json"), JSON.stringify({ models: { small: entry } }));
  const shipped = JSON.parse(await Deno.readTextFile(inRepo("slomo.json")));
  const manifest = { ...shipped, registries: ["./models.json"], weights: undefined, models: undefined };
  await Deno.writeTextFile(at("slomo.json"), JSON.stringify(manifest));
  return at("slomo.json");
}

/** Runs a function with another cache of slomo. */
async function withCache(folder: string, run: () => Promise<void>): Promise<void> {
  const before = Deno.env.get("SLOMO_CACHE");
  Deno.env.set("SLOMO_CACHE", folder);
  try {
    await run();
  } finally {
    if (before === undefined) Deno.env.delete("SLOMO_CACHE");
    else Deno.env.set("SLOMO_CACHE", before);
  }
}

Deno.test("models installs a model, whose name interpolate and evaluate then take, and removes it", async () => {
  await withFolder(async (_, at) => {
    const manifest = await writeManifest(at);
    const run = (name: TaskName, ...args: string[]): Promise<Ended> => task(name, [...args, "--manifest", manifest]);
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.5", "-c:v", "ffv1", at("in.mkv"));
    const compute = ["--backend", "wasm", "--model", "small"];
    const frames = [at("in.mkv"), at("out.mkv"), ...compute, "--workers", "0"];

    await withCache(at("cache"), async () => {
      const missing = await run("interpolate", ...frames);
      equal(missing.code, 2);
      match(missing.err, /^slomo: model: cannot use "small": .*install it with: deno task models add small$/m);

      const added = await run("models", "add", "small");
      equal(added.code, 0, added.err);
      match(added.out, /^small: .* MB in .*cache.models.small\.safetensors; license: MIT; use it with --model small$/m);
      match((await run("models", "add", "small")).out, /^small is installed: /);
      const { out } = await run("models", "list", "--json"), listed = JSON.parse(out) as Record<string, unknown>[];
      equal(listed.map(({ name, state }) => [name, state]), [
        ["small", "installed"],
        ["fast", "not installed"],
        ["best", "not installed"],
        ["rife", "not installed"],
      ]);
      const info = await run("models", "info", "small");
      for (const fact of [/license +MIT/, /strengths +Tests/, /sha256 +[0-9a-f]{64}/, /interpolator: .*"rife"/]) {
        match(info.out, fact);
      }

      const plan = await run("interpolate", ...frames, "--plan");
      equal(plan.code, 0, plan.err);
      match(plan.out, /^model +small: rife, .*small\.safetensors, wasm/m);
      equal((await run("interpolate", ...frames)).code, 0);
      ok((await Deno.stat(at("out.mkv"))).size > 0);
      const measured = await run("evaluate", "--data", at("in.mkv"), "--methods", "model", ...compute);
      equal(measured.code, 0, measured.err);
      match(measured.out, /^ +small$/m);

      match((await run("models", "remove", "small")).err, /no option --manifest/);
      const removed = await task("models", ["remove", "small"]);
      equal([removed.code, removed.out], [0, "removed small\n"], removed.err);
      const again = await task("models", ["remove", "small"]);
      equal(again.code, 2);
      match(again.err, /it is not installed; installed are none/);
    });
  });
});

Deno.test("models exits with 2 and one line for names that no registry lists", async () => {
  await withFolder(async (_, at) => {
    const cases: [string[], RegExp][] = [
      [["add", "rive"], /^slomo: models: cannot install "rive": no registry lists it; did you mean rife\?$/],
      [["info", "rive"], /^slomo: models: cannot show "rive": there is no such model; did you mean rife\?$/],
      [["ad", "rife"], /^slomo: models has no command "ad"; did you mean "add"\?$/],
      [["add"], /models add takes one NAME, got 0/],
    ];
    await withCache(at("cache"), async () => {
      for (const [args, message] of cases) {
        const { code, err } = await task("models", args);
        equal(code, 2, err);
        match(err.trimEnd(), message);
      }
    });
  });
});
