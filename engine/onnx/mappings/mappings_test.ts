import { deepStrictEqual as equal, ok } from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { OP_CASES, type OpCase, randomValues } from "../fixtures/op_cases.ts";
import { runModel } from "../_testing.ts";
import { trace } from "../trace/trace.ts";
import { mappings } from "./mod.ts";

const SHAPE = [1, 7, 8, 3] as const;

/** Layout of `x`: as it is, NCHW after another op, or NCHW as input and output. */
const MODES = ["plain", "after a pool", "nchw"] as const;

async function checkCase(of: OpCase, mode: typeof MODES[number], device?: "cpu"): Promise<void> {
  const named = (x: tf.Tensor4D) => {
    const seen = mode === "after a pool" ? tf.maxPool(x, 1, 1, "valid") : x;
    return Object.fromEntries([of(seen)].flat().map((tensor, i) => [`out${i}`, tensor]));
  };
  const layout = mode === "nchw" ? "nchw" : "plain";
  const x = randomValues([...SHAPE], 1), expected = named(x);
  const graph = trace(({ x }) => named(x as tf.Tensor4D), { x: { shape: SHAPE, layout } }, {
    outputLayouts: Object.fromEntries(Object.keys(expected).map((name) => [name, layout])),
    device,
  });
  const inLayout = (tensor: tf.Tensor) =>
    layout === "nchw" && tensor.rank === 4 ? tf.transpose(tensor, [0, 3, 1, 2]) : tensor;
  const outputs = await runModel(graph.encode(), { x: inLayout(x) });
  for (const [name, tensor] of Object.entries(expected)) {
    const right = inLayout(tensor), got = outputs[name]!;
    equal(got.shape, right.shape);
    const values = Array.from(right.dataSync()),
      largest = values.reduce((a, b) => Math.max(a, Number.isFinite(b) ? Math.abs(b) : 0), 1);
    got.dataSync().forEach((value, i) => {
      const isSame = Object.is(value, values[i]) || Math.abs(value - values[i]!) <= 1e-5 * largest;
      ok(isSame, `${name}[${i}] is ${value}, must be ${values[i]}`);
    });
  }
}

for (const [kind, cases] of Object.entries(OP_CASES)) {
  Deno.test(`trace() maps ${kind} ops to the results of the cpu backend`, async (t) => {
    await tf.setBackend("cpu");
    for (const [name, of] of Object.entries(cases)) {
      for (const mode of MODES) {
        await t.step(`${name}, ${mode}`, () => checkCase(of, mode));
        await t.step(`${name}, ${mode}, for the CPU`, () => checkCase(of, mode, "cpu"));
      }
    }
  });
}

Deno.test("trace() has a case for every mapping", () => {
  const used = new Set<string>();
  for (const kernel of Object.keys(mappings)) {
    const original = tf.getKernel(kernel, "cpu")!;
    tf.unregisterKernel(kernel, "cpu");
    tf.registerKernel({ ...original, kernelFunc: (given) => (used.add(kernel), original.kernelFunc(given)) });
  }
  for (const of of Object.values(OP_CASES).flatMap((cases) => Object.values(cases))) of(randomValues([...SHAPE], 1));
  equal(Object.keys(mappings).filter((kernel) => !used.has(kernel)), []);
});
