import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { type Ended, ffmpeg, inRepo, list, NO_WORKERS, task, taskProcess, withFolder } from "./_tools.ts";

/** A plugin with a flow estimator and an interpolator that work; a case puts something else in the place of a line. */
const WORKING = `import { definePart, definePlugin } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
const flow = (image) => tf.mul(tf.slice(image, [0, 0, 0, 0], [-1, -1, -1, 2]), 0);
export default definePlugin({
  name: "@stranger/still",
  apiVersion: 1,
  provides: [
    definePart({
      slot: "flowEstimator", name: "none", description: "Sees nothing move.", options: z.strictObject({}),
      create: () => ({
        multiple: 1,
        parameters: [],
        estimate: (_, first, second) => ({ forward: flow(first), backward: flow(second) }),
      }),
    }),
    definePart({
      slot: "interpolator", name: "still", description: "Shows the first frame.", options: z.strictObject({}),
      create: () => ({
        flow: "both",
        multiple: 1,
        parameters: [],
        interpolate: (_, { first, flow, times }) => ({ frames: tf.add(first, tf.mean(flow.forward)) }),
      }),
    }),
  ],
});
`;

const FINDER = 'plugin @stranger/still: flowEstimator "none"', MAKER = 'plugin @stranger/still: interpolator "still"';
const FRAMES = "frames: tf.add(first, tf.mean(flow.forward))", SHAPE = "frames must be [1, ";

const HANGS = "hangs on load";

/** What a plugin does wrong: what stands in the place of what, the exit code, and the words that tell of it. */
const CASES: Readonly<Record<string, readonly [from: string, to: string, code: number, ...says: string[]]>> = {
  "throws on load": ["const flow", `throw new Error("no license");\nconst flow`, 2, "still.js", "no license"],
  "is no module": ["const flow", "const const flow", 2, "still.js", "cannot be loaded"],
  "imports what is not there": ['"zod"', '"./nowhere.js"', 2, "still.js", "nowhere.js"],
  [HANGS]: ["const flow", "await new Promise(() => {});\nconst flow", 2, "still.js", "within 1 s"],
  "lacks a default": ["export default", "export const plugin =", 2, "still.js", "default export"],
  "lacks parts": ["provides: [", "provides: [],\n  others: [", 2, "still.js", "provides"],
  "is for a later slomo": ["apiVersion: 1", "apiVersion: 99", 2, "@stranger/still", "99", "update slomo"],
  "throws when a part is made": [
    'flow: "both"',
    `flow: (() => { throw new Error("no card"); })()`,
    1,
    MAKER,
    "no card",
  ],
  "makes a part without its function": ["interpolate:", "interpolat:", 2, MAKER, "interpolate"],
  "throws at work": [FRAMES, "...(() => { throw new TypeError(`odd ${times.shape}`); })()", 1, MAKER, "odd 1"],
  "gives a wrong shape": [
    FRAMES,
    "frames: tf.slice(first, [0, 0, 0, 0], [1, 2, 2, 3])",
    1,
    MAKER,
    SHAPE,
    "[1, 2, 2, 3]",
  ],
  "gives flow of a wrong shape": ["flow(second)", "second", 1, FINDER, "backward must be [1, 36, 64, 2]"],
  "gives no tensor": [FRAMES, "frames: [1, 2, 3]", 1, MAKER, "no tensor as frames"],
  "gives NaN": [FRAMES, "frames: tf.mul(first, NaN)", 1, MAKER, "frame", "not finite"],
  "gives flow of NaN": ["-1, 2]), 0)", "-1, 2]), NaN)", 1, FINDER, "flow", "not finite"],
  "leaks tensors": [FRAMES, `...tf.keep(tf.mul(first, 2)) && {}, ${FRAMES}`, 1, MAKER, "keeps 1 tensor"],
};

/** Of those, what an engine meets that records the networks instead of running them. */
const ON_ENGINE = ["throws at work", "gives a wrong shape", "gives NaN", "gives flow of NaN"];

/** Runs the task with a plugin in a folder of its own, as a module is loaded once. */
async function runWith(folder: string, what: string, plugin: string, backend: string): Promise<Ended> {
  const own = `${folder}/${what.replaceAll(" ", "-")}`;
  await Deno.mkdir(own);
  await Deno.writeTextFile(`${own}/still.js`, plugin);
  const manifest = {
    plugins: ["./still.js", ...["flow-backbones", "codecs"].map((name) => inRepo(`plugins/${name}/mod.ts`))],
    use: {
      flowEstimator: { name: "none" },
      interpolator: { name: "still" },
      warp: { name: "backward" },
      media: { name: "ffmpeg" },
    },
  };
  await Deno.writeTextFile(`${own}/slomo.json`, JSON.stringify(manifest));
  const args = [`${folder}/video.mp4`, `${own}/out.mp4`, "--manifest", `${own}/slomo.json`, "--backend", backend];
  if (what !== HANGS) return await task("interpolate", [...args, ...NO_WORKERS]);
  // A module that never finishes loading would stay with this process.
  return await taskProcess("interpolate", args, { env: { SLOMO_PLUGIN_SECONDS: "1" } });
}

async function makeVideo(file: string): Promise<void> {
  await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x36:r=10:d=0.3", "-c:v", "libx264", "-pix_fmt", "yuv420p", file);
}

function says({ code, err }: Ended, expected: number, parts: readonly string[]): void {
  const lines = err.trim().split("\n").filter((line) => /^slomo: (?!computing)/.test(line));
  equal([code, lines.length], [expected, 1], err);
  ok(!/\n\s+at /.test(err), `a stack trace: ${err}`);
  for (const part of parts) ok(lines[0]!.includes(part), `"${lines[0]}" does not say "${part}"`);
}

for (const backend of ["cpu", "onnx"]) {
  const cases = Object.entries(CASES).filter(([what]) => backend === "cpu" || ON_ENGINE.includes(what));
  Deno.test(`interpolate on ${backend} names the plugin and the part that is broken`, async (t) => {
    await withFolder(async (folder, at) => {
      await makeVideo(at("video.mp4"));
      const works = await runWith(folder, "works", WORKING, backend);
      equal(works.code, 0, works.err);
      equal(await list(at("works")), ["out.mp4", "slomo.json", "still.js"]);
      for (const [what, [from, to, code, ...parts]] of cases) {
        ok(WORKING.includes(from), from);
        await t.step(what, async () => {
          says(await runWith(folder, what, WORKING.replace(from, to), backend), code, parts);
          equal(await list(at(what.replaceAll(" ", "-"))), ["slomo.json", "still.js"]);
        });
      }
    });
  });
}
