import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import type { Image, PairJob } from "@slomo/core";
import type { OpenGraphRuntime, RunnerSetup } from "../backend.ts";
import type { NetworkRunner, PairFeatures } from "./network_runner.ts";
import { openPairInterpolator } from "./pair_interpolator.ts";

/** Level of the colors; 16 times the level is that of alpha, if there is any. */
function image(level: number, alpha = false): Image {
  const planes = [level, level, level, ...alpha ? [255] : []].map((value) => new Uint8Array(4).fill(value));
  return { width: 2, height: 2, format: { model: "rgb", depth: 8, chroma: [1, 1], alpha }, color: {}, planes };
}

const job = (first: Image, second: Image, ...times: number[]): PairJob => ({ first, second, times, details: false });

type Pair = readonly [first: number, second: number];

/** A runner whose features are the levels of frames. Lists what it computes, and what it holds. */
function fakeRunner(fails: (event: string) => boolean = () => false, flow = new Float32Array()) {
  const events: string[] = [], held = new Set<unknown>(), loaded: (readonly [Float32Array, Float32Array])[] = [];
  const make = (name: string) => {
    events.push(name);
    if (fails(name)) throw new Error(`${name} failed`);
    const features = { name };
    held.add(features);
    return features;
  };
  const level = (values: Float32Array) => Math.round(255 * values[0]!);
  const runner: NetworkRunner<Pair, undefined, { readonly name: string }> = {
    labels: { flow: "flow", interpolation: "interpolation" },
    prepare: () => Promise.resolve(),
    load(first, second) {
      loaded.push([first, second]);
      return [level(first), level(second)];
    },
    estimateFlow: () => Promise.resolve(undefined),
    // deno-lint-ignore require-await -- failures become rejections
    prepareFrame: async ([first, second], frame) => make(`frame ${frame === "first" ? first : second}`),
    // deno-lint-ignore require-await -- failures become rejections
    preparePair: async (_, __, { first, second }) => make(`pair of ${first!.name} and ${second!.name}`),
    // deno-lint-ignore require-await -- failures become rejections
    async interpolate(_, __, time, ___, { first, second, pair }: PairFeatures<{ readonly name: string }>) {
      for (const features of [first, second, pair]) ok(held.has(features), "features are freed too early");
      events.push(`${time}`);
      if (fails(`${time}`)) throw new Error(`${time} failed`);
      return { frame: new Float32Array(12).fill(0.5) };
    },
    flowValues: () => Promise.resolve(flow),
    release: (...loaded) => loaded.forEach((each) => held.delete(each)),
    dispose: () => Promise.resolve(),
  };
  const backend = { kind: "graph-runtime", createRunner: () => Promise.resolve(runner) } as unknown as OpenGraphRuntime;
  const taken = () => events.splice(0);
  return { open: () => openPairInterpolator(backend, {} as RunnerSetup), taken, held, loaded };
}

Deno.test("a pair interpolator refuses flow that is not finite, even if the frame would be", async () => {
  const { open, taken, held } = fakeRunner(undefined, Float32Array.of(0, NaN)), interpolator = await open();
  await rejects(interpolator.run(job(image(1), image(2), 0.5)), { code: "not-finite", message: /^flow: its flow/ });
  equal([taken(), held.size], [[], 0]);
});

Deno.test("a pair interpolator prepares each frame once, and each pair once for all times", async () => {
  const { open, taken, held } = fakeRunner(), interpolator = await open();
  await interpolator.run(job(image(1), image(2), 0.25, 0.5));
  equal(taken(), ["frame 1", "frame 2", "pair of frame 1 and frame 2", "0.25", "0.5"]);
  equal([...held], [{ name: "frame 2" }]);
  await interpolator.run(job(image(2), image(3), 0.5));
  equal(taken(), ["frame 3", "pair of frame 2 and frame 3", "0.5"]);
  equal([...held], [{ name: "frame 3" }]);
  await interpolator.run(job(image(5), image(6), 0.5));
  equal(taken(), ["frame 5", "frame 6", "pair of frame 5 and frame 6", "0.5"]);
  await interpolator.dispose();
  equal([...held], []);
});

Deno.test("a pair interpolator converts each frame once, into two arrays in turn", async () => {
  const { open, loaded } = fakeRunner(), interpolator = await open();
  const frames = [1, 2, 3, 4].map((level) => image(level)), same = () => structuredClone(frames);
  for (const i of [0, 1, 2]) await interpolator.run(job(same()[i]!, same()[i + 1]!, 0.5));
  const [[a, b], ...rest] = loaded as [[Float32Array, Float32Array], ...typeof loaded];
  ok(rest[0]![0] === b && rest[0]![1] === a && rest[1]![0] === a && rest[1]![1] === b);
  await interpolator.run(job(image(7), image(8), 0.5));
  equal(new Set(loaded.flat()), new Set([a, b]));
  await interpolator.dispose();
});

Deno.test("a pair interpolator keeps features of colors and of alpha", async () => {
  const { open, taken, held } = fakeRunner(), interpolator = await open();
  await interpolator.run(job(image(1, true), image(2, true), 0.5));
  equal(taken().filter((name) => /^frame/.test(name)), ["frame 1", "frame 2", "frame 255", "frame 255"]);
  equal(held.size, 2);
  await interpolator.run(job(image(2, true), image(3, true), 0.5));
  equal(taken().filter((name) => /^frame/.test(name)), ["frame 3", "frame 255"]);
  await interpolator.dispose();
  equal(held.size, 0);
});

Deno.test("a pair interpolator frees all features if a pair fails, and computes them again for the next", async () => {
  for (const failing of ["frame 2", "pair of frame 1 and frame 2", "0.5"]) {
    let isBroken = true;
    const { open, taken, held } = fakeRunner((name) => isBroken && name === failing), interpolator = await open();
    await rejects(interpolator.run(job(image(1), image(2), 0.5)), /failed/);
    equal([...held], [], failing);
    isBroken = false;
    taken();
    await interpolator.run(job(image(2), image(3), 0.5));
    equal(taken().slice(0, 2), ["frame 2", "frame 3"]);
    await interpolator.dispose();
  }
});
