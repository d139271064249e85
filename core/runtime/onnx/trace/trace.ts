import {
  engine,
  getBackend,
  getKernel,
  getKernelsForBackend,
  type KernelFunc,
  registerBackend,
  registerKernel,
  setBackend,
  type Tensor,
} from "@tensorflow/tfjs-core";
import type { ElementType } from "../graph/data_types.ts";
import { inLayout, type Layout, type Shape } from "../graph/layout.ts";
import { type GraphValue, type ModelFacts, writeModel } from "../graph/model.ts";
import { mappings } from "../mappings/mod.ts";
import type { KernelInputs } from "./fold.ts";
import { RecordingBackend } from "./recording_backend.ts";
import { Tracing } from "./tracing.ts";

const NAME = RecordingBackend.backendName;

/** A tensor that the graph is fed with. */
export interface TracedInput {
  /** Shape as tfjs sees it. */
  readonly shape: Shape;
  /** @default {"float32"} */
  readonly dtype?: ElementType | undefined;
  /** Order of a rank-4 tensor's axes where it is fed. @default {"plain"} */
  readonly layout?: Layout | undefined;
}

/** How a graph is recorded. */
export interface TraceOptions {
  /** Orders of axes of rank-4 outputs by name. @default {"plain"} */
  readonly outputLayouts?: Readonly<Record<string, Layout>> | undefined;
}

/** A recorded graph. */
export interface TracedGraph {
  /** What it is fed with. */
  readonly inputs: readonly GraphValue[];
  /** What it computes. */
  readonly outputs: readonly GraphValue[];
  /** Writes it as an ONNX model, constants and all. */
  encode(facts?: ModelFacts): Uint8Array;
}

const kernelFor = (name: string): KernelFunc => ({ inputs, attrs, backend }) => {
  const { tracing } = backend as RecordingBackend;
  if (!tracing) throw new TypeError(`${name}: backend ${NAME} computes nothing outside trace()`);
  return tracing.run(name, inputs as KernelInputs, attrs ?? {});
};

/** The one backend of this thread, with a recording kernel for each that is mapped or that `cpu` can fold. */
function recordingBackend(): RecordingBackend {
  if (engine().findBackendFactory(NAME) === null) registerBackend(NAME, () => new RecordingBackend(), 0);
  const names = [...Object.keys(mappings), ...getKernelsForBackend("cpu").map(({ kernelName }) => kernelName)];
  for (const kernelName of names) {
    if (getKernel(kernelName, NAME)) continue;
    registerKernel({ kernelName, backendName: NAME, kernelFunc: kernelFor(kernelName) });
  }
  return engine().findBackend(NAME) as RecordingBackend;
}

/**
 * Records what `forward` does with tensors of the given shapes. All that does not depend on its inputs becomes a constant of
 * the graph; so do the lengths of axes, hence a graph is for these shapes.
 *
 * @param forward Computes with tfjs ops alone and does not read its inputs; the tensors that it returns are the outputs.
 * @throws {UntraceableError} If it reads what is not known yet or calls an op that has no mapping.
 */
export function trace(
  forward: (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>,
  inputs: Readonly<Record<string, TracedInput>>,
  { outputLayouts = {} }: TraceOptions = {},
): TracedGraph {
  const backend = recordingBackend(), before = getBackend();
  const tracing = new Tracing(backend, mappings);
  backend.tracing = tracing;
  setBackend(NAME);
  engine().startScope();
  try {
    const values = Object.entries(inputs).map(([name, { shape, dtype = "float32", layout = "plain" }]) => {
      const info = tracing.result(name, shape, dtype, layout);
      const value: GraphValue = { name, dims: inLayout(shape, layout), type: dtype };
      return { value, tensor: [name, engine().makeTensorFromTensorInfo(info)] as const };
    });
    const made = forward(Object.fromEntries(values.map(({ tensor }) => tensor)));
    const outputs = Object.entries(made).map(([name, tensor]): GraphValue => {
      const layout = tensor.rank === 4 ? outputLayouts[name] ?? "plain" : "plain";
      tracing.writer.rename(tracing.operand(tensor, layout), name);
      return { name, dims: inLayout(tensor.shape, layout), type: tensor.dtype as ElementType };
    });
    const graphInputs = values.map(({ value }) => value);
    return {
      inputs: graphInputs,
      outputs,
      encode: (facts) => writeModel(tracing.writer, graphInputs, outputs, facts),
    };
  } finally {
    engine().endScope();
    backend.tracing = undefined;
    if (before) setBackend(before);
  }
}
