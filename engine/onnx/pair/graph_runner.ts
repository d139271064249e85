import type { PairDetails } from "@slomo/core";
import type { RunnerSetup } from "@slomo/engine";
import type { NetworkRunner, PairShape, Values } from "@slomo/engine/pair";
import type { GraphCache } from "../cache/graph_cache.ts";
import type { Arrays, SessionOptions } from "../session/graph_session.ts";
import type { Onnxruntime } from "../session/onnxruntime.ts";
import { pairSessionOpener, type PairSessions } from "./pair_sessions.ts";

/** Two images, RGB in [0, 1], [1, H, W, 3] each. */
interface PairArrays {
  readonly first: Values;
  readonly second: Values;
}

/** Options of {@linkcode createGraphRunner}. */
export interface GraphRunnerOptions extends Pick<SessionOptions, "device"> {
  /** Number format in which convolutions are multiplied. */
  readonly precision: string;
  /** Keeps the graphs. @default {the one in slomo's cache folder, if this process may use it} */
  readonly cache?: GraphCache | undefined;
}

function detailsOf({ flowToFirst, flowToSecond, visibility }: Arrays): PairDetails | undefined {
  if (!flowToFirst || !flowToSecond || !visibility) return undefined;
  return { flowToFirst: flowToFirst.slice(), flowToSecond: flowToSecond.slice(), visibility: visibility.slice() };
}

/**
 * Creates a runner on onnxruntime, which blocks this thread while it computes. The graphs are opened for the frames of
 * `setup.frame`, and again if the shape of the frames changes.
 *
 * @throws {UsageError} If plugins, options and weights do not match.
 * @throws {UntraceableError} If the networks cannot be traced.
 */
export async function createGraphRunner(
  ort: Onnxruntime,
  { frame, threads, ...setup }: RunnerSetup,
  { device, precision, cache }: GraphRunnerOptions,
): Promise<NetworkRunner<PairArrays, Arrays>> {
  const opener = await pairSessionOpener(ort, setup, { device, threads, precision }, cache);
  let sessions: PairSessions | undefined, preparedFor = "";

  async function release(): Promise<void> {
    const { flow, frame } = sessions ?? {};
    sessions = undefined;
    await flow?.release();
    await frame?.release();
  }

  async function prepare(shape: PairShape): Promise<void> {
    const key = `${shape.width}×${shape.height} ${shape.details}`;
    if (sessions && preparedFor === key) return;
    await release();
    sessions = await opener.open(shape);
    preparedFor = key;
  }

  let labels: NetworkRunner["labels"] | undefined;
  if (frame) await prepare({ ...frame, details: false });
  else labels = await opener.check();
  return {
    get labels() {
      return labels ?? sessions!.labels;
    },
    prepare,
    load: (first, second) => ({ first, second }),
    estimateFlow: async (pair) => await sessions!.flow?.run({ ...pair }) ?? {},
    async interpolate(pair, flow, time, wantsDetails) {
      const inputs = { ...pair, ...flow, t: Float32Array.of(time) };
      const outputs = await sessions!.frame.run(inputs, wantsDetails ? undefined : ["frame"]);
      return { frame: outputs.frame!, details: detailsOf(outputs) };
    },
    flowValues: ({ forward }) => Promise.resolve(forward ?? new Float32Array()),
    release: () => {},
    dispose: release,
  };
}
