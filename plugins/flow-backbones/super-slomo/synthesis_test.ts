import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { distance, onWasm, randomTensor, tensorsMadeBy } from "./_testing.ts";
import { synthesize } from "./synthesis.ts";

const pixel = (...values: number[]) => tf.tensor4d(values, [values.length, 1, 1, 1]);

Deno.test("synthesize() weights frames by temporal distance and visibility", () =>
  onWasm(() => {
    const blended = synthesize(
      pixel(0.2, 0.2, 0.2, 0.2),
      pixel(0.8, 0.8, 0.8, 0.8),
      pixel(0.5, 0.5, 1, 0.25),
      tf.tensor1d([0.5, 0.25, 0.25, 0.75]),
    );
    // (1 − t)·V : t·(1 − V) is 1 : 1, 3 : 1, 1 : 0, 1 : 9.
    ok(distance(blended, [0.5, 0.35, 0.2, 0.74]) < 1e-5);
  }));

Deno.test("synthesize() returns the common value of both frames, and a finite value if neither is visible", () =>
  onWasm(() => {
    const frame = randomTensor([2, 3, 3, 3], 1), visibility = randomTensor([2, 3, 3, 1], 2, 0.1, 0.9);
    ok(distance(synthesize(frame, frame, visibility, tf.tensor1d([0.1, 0.6])), frame) < 1e-4);
    equal([...synthesize(pixel(0.5), pixel(0.5), pixel(1), tf.tensor1d([1])).dataSync()], [0]);
    const times = tf.tensor1d([0.1, 0.6]);
    equal(tensorsMadeBy(() => synthesize(frame, frame, visibility, times)), 1);
  }));
