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
import { type ElementType, inLayout, type Layout, type Shape } from "../graph/values.ts";
import type { GraphWriter } from "../graph/graph_writer.ts";
import { encodeModel, type Graph, type GraphValue } from "../graph/model.ts";
import { mappings } from "../mappings/mod.ts";
import type { OnnxDevice } from "../session/devices.ts";
import { type KernelInputs, TracingBackend } from "./tracing_backend.ts";
import { Tracing } from "./tracing.ts";

const NAME = TracingBackend.backendName;

/** An input of a graph. */
export interface TracedInput {
  /** Shape of the tfjs tensor. */
  readonly shape: Shape;
  /** @default {"float32"} */
  readonly dtype?: ElementType | undefined;
  /** Order of the axes of a rank-4 input. @default {"plain"} */
  readonly layout?: Layout | undefined;
}

/** A value of a graph and its declared lengths. */
export interface Declared {
  /** Name of the value. */
  readonly value: string;
  /** Lengths of the axes; a variable length is a name. */
  readonly dims: GraphValue["dims"];
}

/** Nodes before and after a traced graph, which convert between other shapes and the traced ones. */
export interface GraphWrapper {
  /** Converts an input to the traced shape; returns the converted value and the lengths of the input. */
  enter(writer: GraphWriter, input: GraphValue): Declared;
  /** Converts a traced value, which `output` describes, to the shape of the output. */
  leave(writer: GraphWriter, value: string, output: GraphValue): Declared;
}

const NO_WRAPPER: GraphWrapper = {
  enter: (_, { name, dims }) => ({ value: name, dims }),
  leave: (_, value, { dims }) => ({ value, dims }),
};

/** Options of {@linkcode trace}. */
export interface TraceOptions {
  /** Nodes before and after the graph. */
  readonly wrapper?: GraphWrapper | undefined;
  /** Order of the axes of rank-4 outputs, by name or of all. @default {"plain"} */
  readonly outputLayouts?: Readonly<Record<string, Layout>> | Layout | undefined;
  /** The device that will run the graph. Nodes are chosen that are fast there. @default {any} */
  readonly device?: OnnxDevice | undefined;
}

/** A traced graph. */
export interface TracedGraph extends Graph {
  /** Nodes and constants. */
  readonly writer: GraphWriter;
}

const kernelFor = (name: string): KernelFunc => ({ inputs, attrs, backend }) => {
  const { tracing } = backend as TracingBackend;
  if (!tracing) throw new TypeError(`${name}: backend ${NAME} computes nothing outside trace()`);
  return tracing.run(name, inputs as KernelInputs, attrs ?? {});
};

/** Returns the tracing backend of this thread, with a kernel for each that has a mapping or that `cpu` can fold. */
function tracingBackend(): TracingBackend {
  if (engine().findBackendFactory(NAME) === null) registerBackend(NAME, () => new TracingBackend(), 0);
  const names = [...Object.keys(mappings), ...getKernelsForBackend("cpu").map(({ kernelName }) => kernelName)];
  for (const kernelName of names) {
    if (getKernel(kernelName, NAME)) continue;
    registerKernel({ kernelName, backendName: NAME, kernelFunc: kernelFor(kernelName) });
  }
  return engine().findBackend(NAME) as TracingBackend;
}

/**
 * Traces the ops of `forward` on tensors of the given shapes. Values that do not depend on the inputs become constants of the
 * graph, and so do the lengths of axes: the graph is valid for these shapes only.
 *
 * @param forward Computes with tfjs ops only and does not read its inputs; it returns the outputs.
 * @throws {UntraceableError} If it reads a value that depends on the inputs, or calls an op that has no mapping.
 */
export function trace(
  forward: (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>,
  inputs: Readonly<Record<string, TracedInput>>,
  { outputLayouts = {}, wrapper = NO_WRAPPER, device }: TraceOptions = {},
): TracedGraph {
  const backend = tracingBackend(), before = getBackend();
  const tracing = new Tracing(backend, mappings, device);
  backend.tracing = tracing;
  setBackend(NAME);
  engine().startScope();
  try {
    const values = Object.entries(inputs).map(([name, { shape, dtype = "float32", layout = "plain" }]) => {
      const traced: GraphValue = { name, dims: inLayout(shape, layout), type: dtype };
      const { value: entered, dims } = wrapper.enter(tracing.writer, traced);
      const value = { ...traced, dims }, info = tracing.result(entered, shape, dtype, layout);
      return { value, tensor: [name, engine().makeTensorFromTensorInfo(info)] as const };
    });
    const results = forward(Object.fromEntries(values.map(({ tensor }) => tensor)));
    const outputs = Object.entries(results).map(([name, tensor]): GraphValue => {
      const wanted = typeof outputLayouts === "string" ? outputLayouts : outputLayouts[name];
      const layout = tensor.rank === 4 ? wanted ?? "plain" : "plain";
      const traced = { name, dims: inLayout(tensor.shape, layout), type: tensor.dtype as ElementType };
      const { value, dims } = wrapper.leave(tracing.writer, tracing.operand(tensor, layout), traced);
      tracing.writer.rename(value, name);
      return { ...traced, dims };
    });
    const graphInputs = values.map(({ value }) => value);
    return {
      inputs: graphInputs,
      outputs,
      writer: tracing.writer,
      encode: (facts) => encodeModel(tracing.writer, graphInputs, outputs, facts),
    };
  } finally {
    engine().endScope();
    backend.tracing = undefined;
    if (before) setBackend(before);
  }
}
