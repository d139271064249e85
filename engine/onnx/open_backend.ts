import { add, conv2d, enableProdMode, fill, ones, type Tensor4D } from "@tensorflow/tfjs-core";
import { UsageError } from "@slomo/core";
import type { BackendOptions, OpenGraphRuntime } from "@slomo/engine";
import { createGraphRunner } from "./pair/graph_runner.ts";
import { deviceOf, type OnnxDevice, wordsOf } from "./session/device.ts";
import { openSession } from "./session/graph_session.ts";
import { loadOnnxruntime, type Onnxruntime } from "./session/onnxruntime.ts";
import { trace } from "./trace/trace.ts";

/** What onnxruntime says in one line, without the place in its source and the condition that did not hold. */
function reasonOf(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
  return line.replace(/^\S+:\d+ .* was (true|false)\. /, "");
}

/** A sum of products whose value is known: a device that is not there, or computes wrong, is not used. */
async function checkSelf(ort: Onnxruntime, device: OnnxDevice): Promise<void> {
  const graph = trace(({ x }) => {
    const filter = fill([3, 3, 3, 2], 0.5) as Tensor4D;
    return { y: add(conv2d(x as Tensor4D, filter, 1, "valid"), ones([2])) };
  }, { x: { shape: [1, 4, 4, 3] } });
  let found: number | undefined;
  try {
    const session = await openSession(ort, graph, { device, threads: 1 });
    const { y } = await session.run({ x: new Float32Array(48).fill(1) });
    found = y!.find((value) => value !== 14.5);
    await session.release();
  } catch (error) {
    throw new UsageError(`onnx: device ${device} does not work here: ${reasonOf(error)}; take another --device`);
  }
  if (found !== undefined) {
    throw new UsageError(`onnx: device ${device} computes ${found} where 14.5 is right; update its driver`);
  }
}

/**
 * Loads onnxruntime and tries the device.
 *
 * @throws {UsageError} If either does not work here.
 */
export async function openOnnxBackend({ device: name }: BackendOptions): Promise<OpenGraphRuntime> {
  // Keeps tfjs's advice off the terminal.
  enableProdMode();
  const device = deviceOf(name), ort = await loadOnnxruntime();
  await checkSelf(ort, device);
  return {
    kind: "graph-runtime",
    name: "onnx",
    device: `${wordsOf(device)}, onnxruntime ${ort.env.versions.node}`,
    software: false,
    tolerance: 1e-4,
    createRunner: ({ threads, ...setup }) => createGraphRunner(ort, setup, { device, threads }),
    close: () => Promise.resolve(),
  };
}
