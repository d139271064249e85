import { unpackCheckpoint } from "@slomo/training";
import { openWeights } from "@slomo/weights";
import { join } from "@std/path";
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { testCases } from "../../tests/_more.ts";
import { type Ended, inRepo, task } from "../../tests/_tools.ts";
import { CHECKPOINT } from "./run_folder.ts";

const REQUIRED = (Deno.env.get("SLOMO_REQUIRE_BACKENDS") ?? "").split(",");
const decoder = new TextDecoder();

/** Networks of the default layout with few channels. */
const NARROW = { width: 1 / 64, flowScale: 20 };
/** Networks with few and small layers. */
const TINY = { ...NARROW, channels: [32, 64], firstKernel: 3, secondKernel: 3 };

/** Small networks and samples, so that a step is fast. */
const SMALL = {
  preset: "quick",
  steps: 8,
  model: { flowEstimator: TINY, interpolator: TINY },
  crops: [{ size: 32, batch: 1, weight: 1 }],
  every: { report: 2, validate: 8, checkpoint: 1 },
  validation: { samples: 1, size: 32 },
};

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-train-" });
  try {
    await Deno.writeTextFile(join(folder, "small.json"), JSON.stringify(SMALL));
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the task in this process. */
const trainHere = (...args: string[]): Promise<Ended> => task("train", args);

function command(args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", inRepo("scripts/train.ts"), ...args],
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", SLOMO_DEBUG: "" },
  });
}

/** Runs the task in a separate process. */
async function trainApart(...args: string[]): Promise<Ended> {
  const { code, stdout, stderr } = await command(args).output();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** Runs until it has printed `lines` lines of facts, then kills the process with SIGKILL. */
async function trainAndKill(lines: number, args: readonly string[]): Promise<void> {
  const child = command([...args, "--json"]).spawn(), reader = child.stdout.getReader();
  let seen = 0;
  for (let part = await reader.read(); !part.done && seen < lines; part = await reader.read()) {
    seen += decoder.decode(part.value).split("\n").length - 1;
  }
  try {
    child.kill("SIGKILL");
  } catch {
    // It was faster.
  }
  await Promise.all([reader.cancel(), child.stderr.cancel(), child.status]);
}

Deno.test("train writes weights, images, events and a checkpoint", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "run");
    const run = ["--config", join(folder, "small.json"), "--out", out, "--backend", "wasm"];
    const { code, err } = await trainHere(...run);
    equal(code, 0, err);
    match(err, /step 8\/8 \| loss .*reconstruction.*laplacian.*flow.* s\/step .* left/);
    match(err, /validation [\d.]+ dB, SSIM 0\.\d+, IE [\d.]+ \(blend/);
    const ofOneRun = () => {
      const files = [...Deno.readDirSync(out)].map(({ name }) => name).sort();
      equal(files.filter((name) => !name.startsWith("events.out.tfevents.")), [
        ".lock",
        "best.safetensors",
        CHECKPOINT,
        "last.safetensors",
        "sheet-000008.png",
      ]);
      equal(files.length, 6);
    };
    ofOneRun();

    const refused = await trainHere(...run);
    equal(refused.code, 2);
    match(refused.err, /contains a run/);
    await Deno.writeTextFile(join(out, "sheet-000004.png"), "of a longer run");
    const replaced = await trainHere(...run, "--overwrite");
    equal(replaced.code, 0, replaced.err);
    ofOneRun();
    const resumed = await trainHere("--resume", "--steps", "99", "synthetic", "--out", out, "--backend", "wasm");
    equal(resumed.code, 0, resumed.err);
    match(resumed.err, /a resumed run keeps its settings; not used: --steps, synthetic/);
  });
});

Deno.test("train adapts weights to other networks, or reports that it may not, and resumes", async () => {
  await withFolder(async (folder) => {
    const at = (name: string) => join(folder, name), model = { flowEstimator: NARROW, interpolator: NARROW };
    const shape = { ...NARROW, channels: [384, 256, 128], firstKernel: 3, interpolationScale: 0.5 };
    const flow = { ...NARROW, firstKernel: 3, refinementPasses: 1 };
    const other = { ...SMALL, steps: 2, model: { flowEstimator: flow, interpolator: shape } };
    await Deno.writeTextFile(at("short.json"), JSON.stringify({ ...SMALL, model, steps: 1 }));
    await Deno.writeTextFile(at("other.json"), JSON.stringify(other));
    const first = await trainHere("--config", at("short.json"), "--out", at("first"), "--backend", "wasm");
    equal(first.code, 0, first.err);

    const from = ["--config", at("other.json"), "--backend", "wasm", "--from", at("first/last.safetensors"), "--out"];
    const refused = await trainHere(...from, at("refused"));
    equal(refused.code, 2);
    match(refused.err, /the manifest sets channels to \[384,256,128\], and the weights have its default/);
    const adapted = await trainHere(...from, at("adapted"), "--adapt");
    equal(adapted.code, 0, adapted.err);
    const { facts, tensors } = openWeights(await Deno.readFile(at("adapted/last.safetensors")));
    equal(facts.interpolator?.options, shape);
    equal(facts.flowEstimator?.options, flow);
    equal(tensors.get("interpolation.encoder.0.conv1.weight")?.shape, [6, 6, 16, 6]);
    const resumed = await trainHere("--resume", "--out", at("adapted"), "--backend", "wasm");
    equal(resumed.code, 0, resumed.err);

    const nothing = await trainHere(
      "--config",
      at("other.json"),
      "--adapt",
      "--out",
      at("nothing"),
      "--backend",
      "wasm",
    );
    equal(nothing.code, 2);
    match(nothing.err, /adapt: there are no weights to adapt; name them in `from`|--from/);
  });
});

/** Creates a data set of two videos whose stripes move by two pixels per frame, one for each split. */
async function makeClips(folder: string): Promise<void> {
  const width = 48, height = 40, frames = 9, clips = [];
  await Deno.mkdir(join(folder, "clips"), { recursive: true });
  for (const split of ["train", "validation"]) {
    const bytes = Uint8Array.from({ length: frames * width * height * 3 }, (_, i) => {
      const x = Math.floor(i / 3) % width, frame = Math.floor(i / (width * height * 3));
      return 128 + 100 * Math.sin((x - 2 * frame) / (split === "train" ? 3 : 4) + i % 3);
    });
    const file = `clips/${split}.rgb`;
    await Deno.writeFile(join(folder, file), bytes);
    clips.push({ file, source: split, split, frames, width, height, rate: "25", start: 0, motion: 30 });
  }
  await Deno.writeTextFile(join(folder, "index.json"), JSON.stringify({ version: 1, options: {}, clips, skipped: [] }));
}

Deno.test("train mixes clips and synthetic motion, and reports a truncated clip", async () => {
  await withFolder(async (folder) => {
    const set = join(folder, "set"), args = ["--config", join(folder, "small.json"), "--backend", "wasm", "--out"];
    await makeClips(set);
    const { code, out, err } = await trainHere(`${set}:0.5`, "synthetic:0.5", ...args, join(folder, "run"), "--json");
    equal(code, 0, err);
    const sources = out.trim().split("\n").map((line) => JSON.parse(line)).flatMap((fact) =>
      Object.keys(fact.sources ?? {})
    );
    equal(new Set(sources), new Set(["set", "synthetic"]));
    await Deno.truncate(join(set, "clips", "train.rgb"), 5000);
    const broken = await trainHere(set, ...args, join(folder, "broken"));
    equal(broken.code, 1, broken.err);
    match(broken.err, /train\.rgb is shorter than its index says/);
  });
});

/** Backend, way to run, and lines of facts at whose ends the run is killed. */
type Kills = readonly [backend: string, train: typeof trainHere, lines: readonly number[]];
const FEW: Kills[] = [["wasm", trainHere, [2]]];
// TensorFlow's library and that of Mesa's WebGPU crash each other in one process.
const MORE: Kills[] = [["wasm", trainHere, [1, 2, 3]], ["tensorflow", trainApart, [2]]];

testCases("train resumes after kill -9 with the same result, bit for bit", FEW, MORE, async (t, cases) => {
  for (const [backend, train, kills] of cases) {
    await withFolder(async (folder) => {
      const begin = ["--backend", backend, "--config", join(folder, "small.json"), "--out"];
      const resume = ["--backend", backend, "--resume", "--out"];
      const whole = join(folder, "whole"), broken = join(folder, "broken");
      const { code, err } = await train(...begin, whole), isMissing = code === 2 && !REQUIRED.includes(backend);
      await t.step({
        name: isMissing ? `${backend}: ignored, ${err.trim()}` : backend,
        ignore: isMissing,
        async fn() {
          equal(code, 0, err);
          await trainAndKill(1, [...begin, broken]);
          for (const lines of kills) await trainAndKill(lines, [...resume, broken]);
          const left = unpackCheckpoint(await Deno.readFile(join(broken, CHECKPOINT)), "c").facts.step;
          ok(left > 1 && left <= 8, `killed at step ${left}`);
          equal((await train(...resume, broken)).code, 0);
          equal(await Deno.readFile(join(broken, CHECKPOINT)), await Deno.readFile(join(whole, CHECKPOINT)));
        },
      });
    });
  }
});

Deno.test("train rejects invalid options in one line", async (t) => {
  await withFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    await Deno.writeTextFile(at("typo.json"), `{ "stpes": 3 }`);
    await Deno.writeTextFile(at("broken.json"), `{ "steps": `);
    await Deno.writeTextFile(at("lines.json"), `{\n  // steps\n  "steps": 3\n}`);
    await Deno.writeTextFile(at("mark.json"), `\uFEFF{ "steps": 0 }`);
    await Deno.mkdir(at("noise"));
    await Deno.writeFile(at(`noise/${CHECKPOINT}`), Uint8Array.from({ length: 999 }, (_, i) => i * 37));
    const cases: [string[], RegExp][] = [
      [["--config", at("none.json")], /none\.json cannot be read: there is no such file/],
      [["--config", at("broken.json")], /broken\.json is not JSON/],
      [["--config", at("lines.json")], /^slomo: the configuration \S+lines\.json is not JSON: .*\n$/],
      [["--config", at("mark.json")], /mark\.json: steps: /],
      [["--config", at("typo.json")], /typo\.json: .*"stpes"/],
      [["--resume", "--out", at("nothing")], /nothing to resume/],
      [["--resume", "--out", at("noise")], /is not a safetensors file/],
      [[at("nowhere"), "--out", at("run")], /nowhere is not a data set/],
      [["synthetic:0"], /weight must be a number above 0/],
      [["d x:é"], /got "é"; write d x:0\.5, or d x:é:1/],
      [["--lr", "0"], /--lr/],
      [["--resume", "--overwrite"], /--resume continues a run and --overwrite replaces it/],
      [["--quick", "--preset", "paper"], /--quick is the preset quick/],
      [["--quick", "--out", at("typo.json")], /typo\.json/],
      [["--preset", "fast"], /preset must be one of recipe, paper, quick, got "fast"/],
      [
        ["--from", at("none.safetensors"), "--out", at("run")],
        /cannot read \S*none\.safetensors: there is no such file/,
      ],
    ];
    for (const [args, message] of cases) {
      await t.step(String(message), async () => {
        const { code, err } = await trainHere("--backend", "wasm", ...args);
        equal(code, 2, err);
        match(err, message);
      });
    }
  });
});

Deno.test("train stops when the loss is not finite and keeps the last good checkpoint", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "run");
    await Deno.writeTextFile(join(folder, "small.json"), JSON.stringify({ ...SMALL, clipNorm: null, steps: 50 }));
    const { code, err } = await trainHere(...[
      "--config",
      join(folder, "small.json"),
      "--lr",
      "1000",
      "--out",
      out,
      "--backend",
      "wasm",
    ]);
    equal(code, 1, err);
    match(err, /not finite at step \d+, batch \d+ \(1 × 32² from synthetic\); the checkpoint of step \d+/);
    const { parameters } = unpackCheckpoint(await Deno.readFile(join(out, CHECKPOINT)), "c");
    ok([...parameters.values()].every(({ values }) => values.every(Number.isFinite)));
  });
});
