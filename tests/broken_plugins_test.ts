import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { type Ended, ffmpeg, inRepo, list, NO_WORKERS, task, taskProcess, withFolder } from "./_tools.ts";

/** A working plugin with a flow estimator and an interpolator; each case replaces a part of its code. */
const WORKING = `import { definePart, definePlugin } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
const flow = (image) => tf.mul(tf.slice(image, [0, 0, 0, 0], [-1, -1, -1, 2]), 0);
export default definePlugin({
  name: "@example/still",
  apiVersion: 1,
  provides: [
    definePart({
      slot: "flowEstimator", name: "none", description: "Returns zero flow.", options: z.strictObject({}),
      create: () => ({
        multiple: 1,
        parameters: [],
        estimate: (_, first, second) => ({ forward: flow(first), backward: flow(second) }),
      }),
    }),
    definePart({
      slot: "interpolator", name: "still", description: "Returns the first frame.", options: z.strictObject({}),
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

const ESTIMATOR = 'plugin @example/still: flowEstimator "none"',
  INTERPOLATOR = 'plugin @example/still: interpolator "still"';
const FRAMES = "frames: tf.add(first, tf.mean(flow.forward))", SHAPE = "frames must be [1, ";

const HANGS = "hangs on load";

/** Defects of the plugin: the replaced code and its replacement, the exit code, and parts of the message. */
const CASES: Readonly<Record<string, readonly [from: string, to: string, code: number, ...parts: string[]]>> = {
  "throws on load": ["const flow", `throw new Error("no license");\nconst flow`, 2, "still.js", "no license"],
  "is not a module": ["const flow", "const const flow", 2, "still.js", "cannot be loaded", "still.js:"],
  "imports a missing module": ['"zod"', '"./nowhere.js"', 2, "still.js", "nowhere.js"],
  [HANGS]: ["const flow", "await new Promise(() => {});\nconst flow", 2, "still.js", "within 1 s"],
  "lacks a default": ["export default", "export const plugin =", 2, "still.js", "default export"],
  "lacks parts": ["provides: [", "provides: [],\n  others: [", 2, "still.js", "provides"],
  "needs a later version of slomo": ["apiVersion: 1", "apiVersion: 99", 2, "@example/still", "99", "update slomo"],
  "throws when a part is created": [
    'flow: "both"',
    `flow: (() => { throw new Error("no card"); })()`,
    1,
    INTERPOLATOR,
    "no card",
  ],
  "creates a part without its function": ["interpolate:", "interpolat:", 2, INTERPOLATOR, "interpolate"],
  "needs another flow": [
    'flow: "both"',
    'flow: "backward"',
    2,
    INTERPOLATOR,
    'flow must be "both", "forward" or "none"',
  ],
  "needs a multiple of zero": ["multiple: 1", "multiple: 0", 2, ESTIMATOR, "multiple must be an integer above 0"],
  "throws when it computes": [
    FRAMES,
    "...(() => { throw new TypeError(`odd ${times.shape}`); })()",
    1,
    INTERPOLATOR,
    "odd 1",
  ],
  "returns a wrong shape": [
    FRAMES,
    "frames: tf.slice(first, [0, 0, 0, 0], [1, 2, 2, 3])",
    1,
    INTERPOLATOR,
    SHAPE,
    "[1, 2, 2, 3]",
  ],
  "returns flow of a wrong shape": ["flow(second)", "second", 1, ESTIMATOR, "backward must be [1, 36, 64, 2]"],
  "returns an array": [FRAMES, "frames: [1, 2, 3]", 1, INTERPOLATOR, "no tensor as frames"],
  "returns NaN": [FRAMES, "frames: tf.mul(first, NaN)", 1, INTERPOLATOR, "frame", "not finite"],
  "returns flow of NaN": ["-1, 2]), 0)", "-1, 2]), NaN)", 1, ESTIMATOR, "flow", "not finite"],
  "leaks tensors": [FRAMES, `...tf.keep(tf.mul(first, 2)) && {}, ${FRAMES}`, 1, INTERPOLATOR, "keeps 1 tensor"],
};

/** The defects that a graph runtime meets too. */
const ON_GRAPH_RUNTIME = ["throws when it computes", "returns a wrong shape", "returns NaN", "returns flow of NaN"];

/** Runs the task with a plugin in a new folder, because a module is loaded only once. */
async function runWith(folder: string, defect: string, plugin: string, backend: string): Promise<Ended> {
  const own = `${folder}/${defect.replaceAll(" ", "-")}`;
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
  if (defect !== HANGS) return await task("interpolate", [...args, ...NO_WORKERS]);
  // A module that never finishes loading would stay with this process.
  return await taskProcess("interpolate", args, { env: { SLOMO_PLUGIN_SECONDS: "1" } });
}

async function makeVideo(file: string): Promise<void> {
  await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x36:r=10:d=0.3", "-c:v", "libx264", "-pix_fmt", "yuv420p", file);
}

function checkError({ code, err }: Ended, expected: number, parts: readonly string[]): void {
  const lines = err.trim().split("\n").filter((line) => /^slomo: (?!computing)/.test(line));
  equal([code, lines.length], [expected, 1], err);
  ok(!/\n\s+at /.test(err), `stack trace: ${err}`);
  for (const part of parts) ok(lines[0]!.includes(part), `"${lines[0]}" does not say "${part}"`);
}

for (const backend of ["cpu", "onnx"]) {
  const cases = Object.entries(CASES).filter(([defect]) => backend === "cpu" || ON_GRAPH_RUNTIME.includes(defect));
  Deno.test(`interpolate on ${backend} names the broken plugin and part`, async (t) => {
    await withFolder(async (folder, at) => {
      await makeVideo(at("video.mp4"));
      const working = await runWith(folder, "works", WORKING, backend);
      equal(working.code, 0, working.err);
      equal(await list(at("works")), ["out.mp4", "slomo.json", "still.js"]);
      for (const [defect, [from, to, code, ...parts]] of cases) {
        ok(WORKING.includes(from), from);
        await t.step(defect, async () => {
          checkError(await runWith(folder, defect, WORKING.replace(from, to), backend), code, parts);
          equal(await list(at(defect.replaceAll(" ", "-"))), ["slomo.json", "still.js"]);
        });
      }
    });
  });
}
