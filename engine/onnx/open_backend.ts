import { UsageError } from "@slomo/core";
import type { BackendOptions, ComputePrecision, OpenGraphRuntime } from "@slomo/engine";
import { createGraphRunner } from "./pair/graph_runner.ts";
import { openSession } from "./session/graph_session.ts";
import { describeDevice, type OnnxDevice, parseDevice } from "./session/devices.ts";
import { causeOf, loadOnnxruntime, type Onnxruntime } from "./session/onnxruntime.ts";

/**
 * Checks a convolution with a known result, so that a missing or broken device is not used. The CPU is always there, so
 * nothing needs to be traced for it.
 */
async function checkDevice(ort: Onnxruntime, device: OnnxDevice, precision: ComputePrecision): Promise<void> {
  if (device === "cpu") return;
  const { traceConvolution } = await import("./trace/trace_convolution.ts");
  const { adaptModel } = await import("./providers/adapt_model.ts");
  const graph = traceConvolution();
  let wrong: number | undefined;
  try {
    const model = adaptModel(graph.encode(), { device, precision });
    const session = await openSession(ort, { ...graph, model }, { device, precision, threads: 1 });
    const { y } = await session.run({ x: new Float32Array(48).fill(1) });
    wrong = y!.find((value) => value !== 14.5);
    await session.release();
  } catch (error) {
    const isPlain = precision === "float32", how = isPlain ? "" : ` in ${precision}`;
    throw new UsageError(
      `onnx: device ${device} does not work${how} on this machine: ${causeOf(error)}; choose another \`device\`` +
        (isPlain ? "" : ", or leave out `precision`"),
      isPlain ? { code: "no-device", option: "device" } : { code: "unsupported-precision", option: "precision" },
    );
  }
  if (wrong !== undefined) {
    throw new UsageError(`onnx: device ${device} computes ${wrong} instead of 14.5; update its driver`, {
      code: "no-device",
      option: "device",
    });
  }
}

/**
 * Loads onnxruntime and tests the device.
 *
 * @throws {UsageError} If either does not work on this machine.
 */
export async function openOnnxBackend(
  { device: name, precision = "float32" }: BackendOptions,
): Promise<OpenGraphRuntime> {
  const device = parseDevice(name);
  if (device === "cpu" && precision !== "float32") {
    throw new UsageError(
      `onnx: cannot compute in ${precision} on the CPU: only GPUs support it; set \`device\` to a GPU, or leave out ` +
        "`precision`",
      { code: "unsupported-precision", option: "precision" },
    );
  }
  const ort = await loadOnnxruntime();
  await checkDevice(ort, device, precision);
  return {
    kind: "graph-runtime",
    name: "onnx",
    device: `${describeDevice(device)}, onnxruntime ${ort.env.versions.node}`,
    software: false,
    tolerance: 1e-4,
    createRunner: (setup) => createGraphRunner(ort, setup, { device, precision }),
    close: () => Promise.resolve(),
  };
}
