import type { PairNetworks } from "@slomo/engine/pair";
import { type GraphSession, openSession, type SessionOptions } from "../session/graph_session.ts";
import type { Onnxruntime } from "../session/onnxruntime.ts";
import { type FrameSize, traceFlow, traceFrame } from "./pair_graphs.ts";

/** The sessions of one frame size. */
export interface PairSessions {
  /** Finds the flow, once a pair. */
  readonly flow: GraphSession | undefined;
  /** Makes a frame, once a t. */
  readonly frame: GraphSession;
  /** Frees both. */
  release(): Promise<void>;
}

/** What decides what sessions are for. */
export interface PairShape extends FrameSize {
  /** Whether frames come with flow and visibility. */
  readonly details: boolean;
}

/**
 * Records both passes for a frame size and gives them to onnxruntime, one after the other, so that the weights of one are
 * gone before the other's are read.
 *
 * @throws {UntraceableError} If the networks cannot be recorded.
 */
export async function openPairSessions(
  ort: Onnxruntime,
  networks: PairNetworks,
  shape: PairShape,
  options: SessionOptions,
): Promise<PairSessions> {
  const flowGraph = traceFlow(networks, shape);
  const flow = flowGraph && await openSession(ort, flowGraph, options);
  const frame = await openSession(ort, traceFrame(networks, shape, flowGraph, shape.details), options);
  return {
    flow,
    frame,
    async release() {
      await flow?.release();
      await frame.release();
    },
  };
}
