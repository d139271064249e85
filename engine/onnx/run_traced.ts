import type { Tensor } from "@tensorflow/tfjs-core";
import type { NamedTensor } from "@slomo/core";
import { openSession } from "./session/graph_session.ts";
import { loadOnnxruntime } from "./session/onnxruntime.ts";
import { trace } from "./trace/trace.ts";

/**
 * Records what `forward` does with tensors and runs the graph once in onnxruntime: what a network gives there can be held
 * against what it gives elsewhere.
 *
 * @param forward Computes with tfjs ops alone, float32 to float32; what it makes is disposed for it.
 * @param inputs Numbers by name, float32.
 * @returns Numbers of the outputs by name.
 * @throws {UntraceableError} If it calls an op that has no mapping, or reads its inputs.
 */
export async function runTraced(
  forward: (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>,
  inputs: Readonly<Record<string, NamedTensor>>,
): Promise<Record<string, NamedTensor>> {
  const graph = trace(forward, inputs);
  const session = await openSession(await loadOnnxruntime(), graph, { device: "cpu", threads: 1 });
  try {
    const feeds = Object.entries(inputs).map(([name, { values }]) => [name, Float32Array.from(values)] as const);
    const made = await session.run(Object.fromEntries(feeds));
    return Object.fromEntries(
      graph.outputs.map(({ name, dims }) => [name, { shape: dims as readonly number[], values: made[name]!.slice() }]),
    );
  } finally {
    await session.release();
  }
}
