import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { TracedGraph } from "../trace/trace.ts";
import type { OnnxDevice } from "./device.ts";
import type { Onnxruntime } from "./onnxruntime.ts";

/** How a session runs. */
export interface SessionOptions {
  /** Where it computes. */
  readonly device: OnnxDevice;
  /** Threads of the CPU; all cores where `undefined`. */
  readonly threads: number | undefined;
}

/** Numbers by the names of inputs or outputs. */
export type Arrays = Readonly<Record<string, Float32Array<ArrayBuffer>>>;

/** A recorded graph ready to run. */
export interface GraphSession {
  /**
   * Runs the graph. It blocks the thread for its whole time.
   *
   * @param wanted Names of the outputs to give. @default {all}
   * @returns Arrays that are written again by the next run.
   */
  run(inputs: Arrays, wanted?: readonly string[]): Promise<Arrays>;
  /** Frees it. */
  release(): Promise<void>;
}

/**
 * Memory patterns save no time and double the memory that is held; all optimizations (fused layers, weights in the order
 * of the machine) save a third of the time. Threads that spin while they wait take a fifth more of a CPU that decoding and
 * encoding share.
 */
const MEASURED = {
  enableMemPattern: false,
  graphOptimizationLevel: "all",
  extra: { session: { intra_op: { allow_spinning: "0" } } },
} as const;

/**
 * Gives a graph to onnxruntime. What the graph holds may be dropped afterwards.
 *
 * @throws {Error} If onnxruntime refuses it or its device.
 */
export async function openSession(
  ort: Onnxruntime,
  graph: TracedGraph,
  { device, threads }: SessionOptions,
): Promise<GraphSession> {
  const options: InferenceSession.SessionOptions = {
    ...MEASURED,
    executionProviders: [device],
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    ...threads !== undefined && { intraOpNumThreads: threads },
  };
  const session = await ort.InferenceSession.create(graph.encode(), options);
  const tensor = (dims: readonly (number | string)[], values: Float32Array) =>
    new ort.Tensor("float32", values, dims as readonly number[]);
  const size = (dims: readonly (number | string)[]) => (dims as readonly number[]).reduce((a, b) => a * b, 1);
  const outputs = new Map(
    graph.outputs.map(({ name, dims }) => [name, tensor(dims, new Float32Array(size(dims)))] as const),
  );
  const dimsOf = new Map(graph.inputs.map(({ name, dims }) => [name, dims]));
  return {
    async run(inputs, wanted = [...outputs.keys()]) {
      const feeds: Record<string, Tensor> = {};
      for (const [name, values] of Object.entries(inputs)) feeds[name] = tensor(dimsOf.get(name)!, values);
      const fetches = Object.fromEntries(wanted.map((name) => [name, outputs.get(name)!]));
      // The tensors that come back are copies of those that were handed in to be written.
      await session.run(feeds, fetches);
      return Object.fromEntries(wanted.map((name) => [name, outputs.get(name)!.data as Float32Array<ArrayBuffer>]));
    },
    release: () => session.release(),
  };
}
