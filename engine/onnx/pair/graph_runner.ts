import type { PairDetails } from "@slomo/core";
import {
  type NetworkRunner,
  type NetworksSetup,
  openPairNetworks,
  type PairNetworks,
  type PairShape,
  type Values,
} from "@slomo/engine/pair";
import { type Arrays, type GraphSession, openSession, type SessionOptions } from "../session/graph_session.ts";
import type { Onnxruntime } from "../session/onnxruntime.ts";
import { traceFlow, traceFrame } from "./pair_graphs.ts";

/** A size at which every padding and cropping takes place, so that all ops of the networks are traced. */
const ODD_SIZE = { width: 37, height: 21 } as const;

/** @throws {UntraceableError} If the networks cannot be traced. */
function tryToTrace(networks: PairNetworks): void {
  traceFrame(networks, ODD_SIZE, traceFlow(networks, ODD_SIZE), true);
}

/** The sessions for one shape of frame pairs. */
interface PairSessions {
  /** Estimates the flow, once per pair; `undefined` if the interpolator needs none. */
  readonly flow: GraphSession | undefined;
  /** Interpolates a frame, once per time. */
  readonly frame: GraphSession;
}

/** Two images, RGB in [0, 1], [1, H, W, 3] each. */
interface PairArrays {
  readonly first: Values;
  readonly second: Values;
}

function detailsOf({ flowToFirst, flowToSecond, visibility }: Arrays): PairDetails | undefined {
  if (!flowToFirst || !flowToSecond || !visibility) return undefined;
  return { flowToFirst: flowToFirst.slice(), flowToSecond: flowToSecond.slice(), visibility: visibility.slice() };
}

/**
 * Creates a runner on onnxruntime, which blocks this thread while it computes. The networks are traced for the shape of the
 * first pair, and again only if the shape changes.
 *
 * @throws {UsageError} If plugins, options and weights do not match.
 * @throws {UntraceableError} If the networks cannot be traced.
 */
export async function createGraphRunner(
  ort: Onnxruntime,
  setup: NetworksSetup,
  options: SessionOptions,
): Promise<NetworkRunner<PairArrays, Arrays>> {
  const networks = await openPairNetworks(setup);
  tryToTrace(networks);
  let sessions: PairSessions | undefined, preparedFor = "";

  async function release(): Promise<void> {
    const { flow, frame } = sessions ?? {};
    sessions = undefined;
    await flow?.release();
    await frame?.release();
  }

  return {
    labels: networks.labels,
    async prepare(shape: PairShape) {
      const key = `${shape.width}×${shape.height} ${shape.details}`;
      if (sessions && preparedFor === key) return;
      await release();
      // One after the other, so that the weights of one graph are freed before those of the other are encoded.
      const flowGraph = traceFlow(networks, shape);
      const flow = flowGraph && await openSession(ort, flowGraph, options);
      sessions = {
        flow,
        frame: await openSession(ort, traceFrame(networks, shape, flowGraph, shape.details), options),
      };
      preparedFor = key;
    },
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
