import type { InferenceSession, Tensor } from "onnxruntime-node";
import { JobError } from "@slomo/core";
import { readEnvironment } from "@slomo/downloads";
import type { ComputePrecision } from "@slomo/engine";
import type { GraphSignature } from "../graph/model.ts";
import { withoutNativeMessages } from "../native/messages.ts";
import type { OnnxDevice } from "./devices.ts";
import { causeOf, type Onnxruntime } from "./onnxruntime.ts";

/** Options of a session. */
export interface SessionOptions {
  /** The device that computes. */
  readonly device: OnnxDevice;
  /** Number format of convolutions, to which the graph was adapted. @default {"float32"} */
  readonly precision?: ComputePrecision | undefined;
  /** Number of CPU threads; `undefined` for one per core. */
  readonly threads: number | undefined;
}

/** A graph in the file format, in memory or on disk. */
export interface EncodedGraph extends GraphSignature {
  /** Its bytes, or the path of its file. */
  readonly model: Uint8Array | string;
  /** Whether onnxruntime has optimized it for this device already. @default {false} */
  readonly isOptimized?: boolean | undefined;
}

/** Values by the names of inputs or outputs. */
export type Arrays = Readonly<Record<string, Float32Array<ArrayBuffer>>>;

/** A graph that is ready to run. */
export interface GraphSession {
  /**
   * Runs the graph. This blocks the thread.
   *
   * @param wanted Names of the outputs to return. @default {all}
   * @returns New arrays.
   * @throws {JobError} If a GPU fails.
   */
  run(inputs: Arrays, wanted?: readonly string[]): Promise<Arrays>;
  /** Frees the session. */
  release(): Promise<void>;
}

/**
 * As measured: memory patterns save no time and double the memory; threads that spin while they wait use a fifth more of
 * the CPU, which decoding and encoding need too.
 */
const MEASURED = {
  enableMemPattern: false,
  extra: { session: { intra_op: { allow_spinning: "0" } } },
} as const;

/**
 * Whether glibc keeps freed memory for later runs, for all sessions together, as the start script of the tasks demands.
 * Elsewhere each session keeps its own: without either, a run at 1920×1080 takes a fifth longer.
 */
const keepsFreedMemory = (): boolean => readEnvironment("MALLOC_MMAP_MAX_") === "0";

function gpuFailed(device: OnnxDevice, error: unknown): JobError {
  return new JobError(
    `onnx: device ${device} failed: ${causeOf(error)}; set \`tile\` to use less memory, or \`device\` to cpu`,
    { code: "gpu-failed", option: "tile" },
  );
}

/** Returns the values of an output. A network may compute other numbers than float32, such as integers. */
function float32Of(name: string, { data }: Pick<Tensor, "data">): Float32Array<ArrayBuffer> {
  if (data instanceof Float32Array) return data as Float32Array<ArrayBuffer>;
  throw new TypeError(`onnx: cannot use output ${name}: it is not float32`);
}

/**
 * Opens a session for a graph. The session then needs neither the bytes of the graph nor tfjs.
 *
 * @param saveTo Path for the optimized graph, for {@linkcode EncodedGraph.isOptimized}. @default {it is not written}
 * @throws {Error} If onnxruntime refuses the graph or the device, or cannot write the file.
 */
export async function openSession(
  ort: Onnxruntime,
  { inputs: graphInputs, outputs: graphOutputs, model, isOptimized = false }: EncodedGraph,
  { device, threads }: SessionOptions,
  saveTo?: string,
): Promise<GraphSession> {
  const options: InferenceSession.SessionOptions = {
    ...MEASURED,
    enableCpuMemArena: !keepsFreedMemory(),
    // All optimizations (fused layers, reordered weights) save a third of the time.
    graphOptimizationLevel: isOptimized ? "disabled" : "all",
    executionProviders: [device],
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    ...threads !== undefined && { intraOpNumThreads: threads },
    ...saveTo !== undefined && { optimizedModelFilePath: saveTo },
  };
  // A string is a path, and the function has an overload for each.
  const create = () =>
    typeof model === "string"
      ? ort.InferenceSession.create(model, options)
      : ort.InferenceSession.create(model, options);
  const session = device === "webgpu" ? await withoutNativeMessages(create) : await create();
  const dimsOf = new Map(graphInputs.map(({ name, dims }) => [name, dims as readonly number[]]));
  const all = graphOutputs.map(({ name }) => name);
  return {
    async run(inputs, wanted = all) {
      const feeds: Record<string, Tensor> = {};
      for (const [name, values] of Object.entries(inputs)) {
        feeds[name] = new ort.Tensor("float32", values, dimsOf.get(name)!);
      }
      let results: Awaited<ReturnType<typeof session.run>>;
      try {
        // Outputs are always copied into new arrays, so that there is no use in arrays for them.
        results = await session.run(feeds, wanted);
      } catch (error) {
        throw device === "cpu" ? error : gpuFailed(device, error);
      }
      return Object.fromEntries(wanted.map((name) => [name, float32Of(name, results[name]!)]));
    },
    release: () => session.release(),
  };
}
