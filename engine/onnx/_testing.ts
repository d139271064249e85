/** Runs traced graphs in tests. */
import { type Tensor, tensor } from "@tensorflow/tfjs-core";
import { loadOnnxruntime } from "./session/onnxruntime.ts";

/** Outputs of an ONNX model by name, for float32 inputs by name; int32 and bool outputs are converted to float32. */
export async function runModel(
  model: Uint8Array,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const ort = await loadOnnxruntime();
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
  try {
    const feeds = Object.entries(inputs).map(([name, value]) =>
      [name, new ort.Tensor("float32", value.dataSync() as Float32Array, value.shape)] as const
    );
    const outputs = await session.run(Object.fromEntries(feeds));
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { data, dims }]) =>
        [name, tensor(Float32Array.from(data as Float32Array, Number), [...dims])] as const
      ),
    );
  } finally {
    await session.release();
  }
}
