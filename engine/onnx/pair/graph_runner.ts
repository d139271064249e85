import type { PairDetails } from "@slomo/core";
import type { ComputePrecision, RunnerSetup } from "@slomo/engine";
import type { NetworkRunner, PairFeatures, PairShape, Values } from "@slomo/engine/pair";
import type { GraphCache } from "../cache/graph_cache.ts";
import type { Arrays, SessionOptions } from "../session/graph_session.ts";
import type { Onnxruntime } from "../session/onnxruntime.ts";
import { featureInput } from "./feature_names.ts";
import { pairSessionOpener, type PairSessions, releaseSessions } from "./pair_sessions.ts";

/** Two images, RGB in [0, 1], [1, H, W, 3] each. */
interface PairArrays {
  readonly first: Values;
  readonly second: Values;
}

/** Options of {@linkcode createGraphRunner}. */
export interface GraphRunnerOptions extends Pick<SessionOptions, "device"> {
  /** Number format of convolutions. @default {"float32"} */
  readonly precision?: ComputePrecision | undefined;
  /** Keeps the graphs. @default {the one in slomo's cache folder, if this process may use it} */
  readonly cache?: GraphCache | undefined;
}

/** Returns features by the names of the inputs that take them. */
function featureInputs(features: PairFeatures<Arrays>): Arrays {
  const entries = (["first", "second", "pair"] as const).flatMap((of) =>
    Object.entries(features[of] ?? {}).map(([name, values]) => [featureInput(name, of), values] as const)
  );
  return Object.fromEntries(entries);
}

/** Frees the memory of arrays now: the garbage collector may leave hundreds of megabytes of them. */
function freeArrays(arrays: Arrays): void {
  for (const { buffer } of Object.values(arrays)) buffer.transfer(0);
}

function detailsOf({ flowToFirst, flowToSecond, visibility }: Arrays): PairDetails | undefined {
  if (!flowToFirst || !flowToSecond || !visibility) return undefined;
  return { flowToFirst, flowToSecond, visibility };
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
): Promise<NetworkRunner<PairArrays, Arrays, Arrays>> {
  const opener = pairSessionOpener(ort, setup, { device, threads, precision }, cache);
  let opened: PairSessions | undefined, preparedFor = "", lastFrame: Values | undefined;
  // Their arrays belong to the caller.
  const loaded = new WeakSet<object>();

  function freeFrame(): void {
    if (lastFrame) freeArrays({ lastFrame });
    lastFrame = undefined;
  }

  async function releaseGraphs(): Promise<void> {
    const { sessions = {} } = opened ?? {};
    opened = undefined;
    await releaseSessions(sessions);
  }

  async function prepare(shape: PairShape): Promise<void> {
    const key = `${shape.width}×${shape.height} ${shape.details}`;
    if (opened && preparedFor === key) return;
    await releaseGraphs();
    opened = await opener.open(shape);
    preparedFor = key;
  }

  let labels: NetworkRunner["labels"] | undefined;
  if (frame) await prepare({ ...frame, details: false });
  else labels = await opener.check();
  return {
    get labels() {
      return labels ?? opened!.labels;
    },
    prepare,
    load(first, second) {
      const pair = { first, second };
      loaded.add(pair);
      return pair;
    },
    estimateFlow: async (pair) => await opened!.sessions.flow?.run({ ...pair }) ?? {},
    prepareFrame: async (pair, frame) => await opened!.sessions.frameFeatures?.run({ frame: pair[frame] }),
    preparePair: async (pair, flow, features) =>
      await opened!.sessions.pairFeatures?.run({ ...pair, ...flow, ...featureInputs(features) }),
    async interpolate(pair, flow, time, wantsDetails, features) {
      freeFrame();
      const inputs = { ...pair, ...flow, ...featureInputs(features), t: Float32Array.of(time) };
      const outputs = await opened!.sessions.frame!.run(inputs, wantsDetails ? undefined : ["frame"]);
      lastFrame = outputs.frame!;
      return { frame: lastFrame, details: detailsOf(outputs) };
    },
    flowValues: ({ forward }) => Promise.resolve(forward ?? new Float32Array()),
    release(...all) {
      freeFrame();
      for (const each of all) if (each && !loaded.has(each)) freeArrays(each as Arrays);
    },
    dispose: releaseGraphs,
  };
}
