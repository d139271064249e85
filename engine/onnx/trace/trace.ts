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
import type { GraphWriter } from "../graph/graph_writer.ts";
import { inLayout, type Layout, type Shape } from "../graph/layout.ts";
import { type GraphValue, type ModelFacts, writeModel } from "../graph/model.ts";
import { mappings } from "../mappings/mod.ts";
import { type KernelInputs, TracingBackend } from "./tracing_backend.ts";
import { Tracing } from "./tracing.ts";

const NAME = TracingBackend.backendName;

/** A tensor that the graph is fed with. */
export interface TracedInput {
  /** Shape as tfjs sees it. */
  readonly shape: Shape;
  /** @default {"float32"} */
  readonly dtype?: ElementType | undefined;
  /** Order of a rank-4 tensor's axes where it is fed. @default {"plain"} */
  readonly layout?: Layout | undefined;
}

/** A value of a graph and the lengths that it is declared with. */
export interface Declared {
  /** Name of the value. */
  readonly value: string;
  /** Lengths along its axes; words where they are free. */
  readonly dims: GraphValue["dims"];
}

/** Nodes around a graph, between what it is fed with and gives, and the shapes that it was recorded for. */
export interface Surroundings {
  /** Brings an input into the recorded shape; returns that value, and the lengths that the input has. */
  enter(writer: GraphWriter, input: GraphValue): Declared;
  /** Brings a recorded value, which `output` describes, into the shape that is wanted. */
  leave(writer: GraphWriter, value: string, output: GraphValue): Declared;
}

const NOTHING_AROUND: Surroundings = {
  enter: (_, { name, dims }) => ({ value: name, dims }),
  leave: (_, value, { dims }) => ({ value, dims }),
};

/** How a graph is recorded. */
export interface TraceOptions {
  /** Nodes before and after it. */
  readonly around?: Surroundings | undefined;
  /** Orders of axes of rank-4 outputs by name. @default {"plain"} */
  readonly outputLayouts?: Readonly<Record<string, Layout>> | undefined;
}

/** A recorded graph. */
export interface TracedGraph {
  /** What it is fed with. */
  readonly inputs: readonly GraphValue[];
  /** What it computes. */
  readonly outputs: readonly GraphValue[];
  /** Its nodes and constants. */
  readonly writer: GraphWriter;
  /** Writes it as an ONNX model, constants and all. */
  encode(facts?: ModelFacts): Uint8Array;
}

const kernelFor = (name: string): KernelFunc => ({ inputs, attrs, backend }) => {
  const { tracing } = backend as TracingBackend;
  if (!tracing) throw new TypeError(`${name}: backend ${NAME} computes nothing outside trace()`);
  return tracing.run(name, inputs as KernelInputs, attrs ?? {});
};

/** The one backend of this thread, with a recording kernel for each that is mapped or that `cpu` can fold. */
function recordingBackend(): TracingBackend {
  if (engine().findBackendFactory(NAME) === null) registerBackend(NAME, () => new TracingBackend(), 0);
  const names = [...Object.keys(mappings), ...getKernelsForBackend("cpu").map(({ kernelName }) => kernelName)];
  for (const kernelName of names) {
    if (getKernel(kernelName, NAME)) continue;
    registerKernel({ kernelName, backendName: NAME, kernelFunc: kernelFor(kernelName) });
  }
  return engine().findBackend(NAME) as TracingBackend;
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
  { outputLayouts = {}, around = NOTHING_AROUND }: TraceOptions = {},
): TracedGraph {
  const backend = recordingBackend(), before = getBackend();
  const tracing = new Tracing(backend, mappings);
  backend.tracing = tracing;
  setBackend(NAME);
  engine().startScope();
  try {
    const values = Object.entries(inputs).map(([name, { shape, dtype = "float32", layout = "plain" }]) => {
      const recorded: GraphValue = { name, dims: inLayout(shape, layout), type: dtype };
      const { value: entered, dims } = around.enter(tracing.writer, recorded);
      const value = { ...recorded, dims }, info = tracing.result(entered, shape, dtype, layout);
      return { value, tensor: [name, engine().makeTensorFromTensorInfo(info)] as const };
    });
    const made = forward(Object.fromEntries(values.map(({ tensor }) => tensor)));
    const outputs = Object.entries(made).map(([name, tensor]): GraphValue => {
      const layout = tensor.rank === 4 ? outputLayouts[name] ?? "plain" : "plain";
      const recorded = { name, dims: inLayout(tensor.shape, layout), type: tensor.dtype as ElementType };
      const { value, dims } = around.leave(tracing.writer, tracing.operand(tensor, layout), recorded);
      tracing.writer.rename(value, name);
      return { ...recorded, dims };
    });
    const graphInputs = values.map(({ value }) => value);
    return {
      inputs: graphInputs,
      outputs,
      writer: tracing.writer,
      encode: (facts) => writeModel(tracing.writer, graphInputs, outputs, facts),
    };
  } finally {
    engine().endScope();
    backend.tracing = undefined;
    if (before) setBackend(before);
  }
}
