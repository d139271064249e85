import type { Tensor } from "@tensorflow/tfjs-core";
import type { NamedTensor } from "@slomo/core";
import { openSession } from "./session/graph_session.ts";
import { loadOnnxruntime } from "./session/onnxruntime.ts";
import { trace } from "./trace/trace.ts";

/**
 * Traces `forward` and runs the graph once in onnxruntime, to compare a network there with the same on a tfjs backend.
 *
 * @param forward Computes with tfjs ops only, float32 to float32. Its tensors are disposed.
 * @param inputs Input values by name, float32.
 * @returns Output values by name.
 * @throws {UntraceableError} If it calls an op that has no mapping, or reads its inputs.
 */
export async function runTraced(
  forward: (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>,
  inputs: Readonly<Record<string, NamedTensor>>,
): Promise<Record<string, NamedTensor>> {
  const graph = trace(forward, inputs);
  const encoded = { ...graph, model: graph.encode() };
  const session = await openSession(await loadOnnxruntime(), encoded, { device: "cpu", threads: 1 });
  try {
    const feeds = Object.entries(inputs).map(([name, { values }]) => [name, Float32Array.from(values)] as const);
    const outputs = await session.run(Object.fromEntries(feeds));
    return Object.fromEntries(graph.outputs.map(({ name, dims }) => {
      return [name, { shape: dims as readonly number[], values: outputs[name]!.slice() }];
    }));
  } finally {
    await session.release();
  }
}
