import { deepStrictEqual as equal, rejects, throws } from "node:assert/strict";
import { retimeCurve } from "../retime/mod.ts";
import { rational } from "../time/rational.ts";
import { blendingEngine, levelOf, memoryMedia, video } from "./_testing.ts";
import { interpolate, type InterpolateOptions } from "./interpolate.ts";
import { type PairTreatment, parsePairs } from "./pairs.ts";
import { prepareJob } from "./prepare_job.ts";
import { runJob } from "./run_job.ts";

const LEVELS = [0, 100, 100, 200, 180, 0, 40];

async function levelsWith(pairs: readonly PairTreatment[], more: Partial<InterpolateOptions> = {}) {
  const engine = blendingEngine(), sampling = { kind: "factor" as const, factor: rational(4) }, warnings: string[] = [];
  const onWarning = (message: string) => warnings.push(message);
  const frames = interpolate(video(LEVELS), { engine, sampling, cuts: false, pairs, onWarning, ...more });
  const levels = (await Array.fromAsync(frames)).map(({ image }) => levelOf(image));
  return { levels, jobs: engine.jobs, warnings };
}

Deno.test("pairs are held, cut or blended, and others interpolated", async () => {
  const pairs = [
    { frames: [0, 1], as: "hold" },
    { frames: [5, 6], as: "blend" },
    { frames: [3, 5], as: "cut" },
  ] as const;
  const { levels, jobs, warnings } = await levelsWith(pairs, { duplicates: "keep" });
  equal(levels, [
    ...[0, 0, 0, 0],
    ...[100, 100, 100, 100],
    ...[100, 125, 150, 175],
    ...[200, 200, 180, 180],
    ...[180, 180, 0, 0],
    ...[0, 10, 20, 30],
    ...[40, 40, 40, 40],
  ]);
  equal([jobs, warnings], [1, []]);
});

Deno.test("nothing is interpolated over a treated pair, also at duplicates", async () => {
  // Without the treatment, the duplicate is replaced by a frame between its neighbors.
  equal((await levelsWith([])).levels.slice(4, 12), [100, 113, 125, 138, 150, 163, 175, 188]);
  equal((await levelsWith([{ frames: [1, 2], as: "hold" }])).levels.slice(4, 12), [
    100,
    100,
    100,
    100,
    100,
    125,
    150,
    175,
  ]);
  equal((await levelsWith([{ frames: [2, 3], as: "hold" }])).levels.slice(4, 12), new Array(8).fill(100));
});

Deno.test("pairs work in a job with parts and curves, and missing ones are reported", async () => {
  const { warnings } = await levelsWith([{ frames: [5, 9], as: "hold" }]);
  equal(warnings, ["`pairs` names frames 5 to 9, but the last frame is 6"]);
  const memory = memoryMedia({ levels: LEVELS }), sampling = { kind: "factor" as const, factor: rational(2) };
  const pairs: readonly PairTreatment[] = [{ frames: [0, 1], as: "hold" }];
  const frames = { sampling, cuts: false as const, pairs };
  const job = await prepareJob({ input: "in", output: "out", start: rational(2, 25), frames }, [memory.media]);
  await runJob(job, blendingEngine());
  // Frame 0 of the part is frame 2 of the source.
  equal(memory.written.map(({ image }) => levelOf(image)).slice(0, 4), [100, 100, 200, 190]);
  const curve = retimeCurve({ position: [{ output: 0, source: 0.2 }, { output: 0.1, source: 0 }] });
  const options = {
    engine: blendingEngine(),
    sampling: { kind: "curve" as const, curve, fps: rational(25) },
    pairs: frames.pairs,
  };
  await rejects(Array.fromAsync(interpolate(() => video(LEVELS), options)), { name: "UsageError", option: "pairs" });
});

Deno.test("wrong lists are refused in one line", () => {
  const refused = (pairs: unknown, message: RegExp) =>
    throws(() => parsePairs(JSON.stringify({ pairs }), "p.json"), { name: "UsageError", option: "pairs", message });
  throws(() => parsePairs("{", "p.json"), /p\.json: cannot read `pairs`: it is not JSON/);
  refused([{ frames: [3, 3], as: "hold" }], /frames 3 to 3 are no pair/);
  refused([{ frames: [1, 4], as: "hold" }, { frames: [3, 5], as: "cut" }], /frames 1 to 4 and 3 to 5 overlap/);
  refused([{ frames: [1], as: "hold" }], /p\.json: `pairs`: the file is not valid at pairs\.0\.frames/);
  refused([{ frames: [1, 2], as: "skip" }], /not valid at pairs\.0\.as/);
  equal(parsePairs('{"pairs":[{"frames":[4,5],"as":"cut"},{"frames":[1,4],"as":"hold"}]}', "p").map(({ as }) => as), [
    "hold",
    "cut",
  ]);
});
