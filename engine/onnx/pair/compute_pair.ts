import type { PairDetails, PairJob } from "@slomo/core";
import type { Image } from "@slomo/core";
import type { PairComputer } from "@slomo/engine";
import { arraysToImage, type FrameArrays, imageToArrays } from "@slomo/engine/pair";
import { checkNumbers } from "@slomo/engine/pair";
import { type NetworksSetup, openPairNetworks, type PairNetworks } from "@slomo/engine/pair";
import type { Arrays, SessionOptions } from "../session/graph_session.ts";
import type { Onnxruntime } from "../session/onnxruntime.ts";
import { traceFlow, traceFrame } from "./pair_graphs.ts";
import { openPairSessions, type PairSessions } from "./pair_sessions.ts";

/** A size that is padded and cropped wherever anything is, so that all ops of the networks are met. */
const ODD_SIZE = { width: 37, height: 21 } as const;

/** @throws {UntraceableError} If the networks cannot be recorded. */
function tryToTrace(networks: PairNetworks): void {
  traceFrame(networks, ODD_SIZE, traceFlow(networks, ODD_SIZE), true);
}

/** What is kept for one kind of job. */
interface Prepared {
  readonly sessions: PairSessions;
  /** Room for the colors of both frames. */
  readonly colors: readonly [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];
}

function detailsOf({ flowToFirst, flowToSecond, visibility }: Arrays): PairDetails | undefined {
  if (!flowToFirst || !flowToSecond || !visibility) return undefined;
  return { flowToFirst: flowToFirst.slice(), flowToSecond: flowToSecond.slice(), visibility: visibility.slice() };
}

/**
 * Fills pairs in onnxruntime, one at a time, blocking this thread. Sessions are made for the size of the first pair, and
 * again only when it changes.
 *
 * @throws {UsageError} If plugins, options and weights do not fit each other.
 * @throws {UntraceableError} If the networks cannot be recorded.
 */
export async function createOnnxComputer(
  ort: Onnxruntime,
  setup: NetworksSetup,
  options: SessionOptions,
): Promise<PairComputer> {
  const networks = await openPairNetworks(setup);
  const { labels } = networks;
  tryToTrace(networks);
  let prepared: Prepared | undefined, preparedFor = "";

  async function prepare({ first: { width, height }, details }: PairJob): Promise<Prepared> {
    const shape = `${width}×${height} ${details}`;
    if (prepared && preparedFor === shape) return prepared;
    await prepared?.sessions.release();
    prepared = undefined;
    const size = 3 * width * height;
    prepared = {
      sessions: await openPairSessions(ort, networks, { width, height, details }, options),
      colors: [new Float32Array(size), new Float32Array(size)],
    };
    preparedFor = shape;
    return prepared;
  }

  return {
    async run(job, signal) {
      const timing = { flow: 0, interpolation: 0, color: 0 };
      const timed = async <T>(stage: keyof typeof timing, work: () => T | Promise<T>): Promise<T> => {
        const begun = performance.now();
        const result = await work();
        timing[stage] += performance.now() - begun;
        return result;
      };
      const { sessions: { flow, frame }, colors } = await prepare(job);
      const first = await timed("color", () => imageToArrays(job.first, colors[0]));
      const second = await timed("color", () => imageToArrays(job.second, colors[1]));
      const pair = { first: first.colors, second: second.colors };
      const flows = flow && await timed("flow", () => flow.run(pair));
      const images: Image[] = [], details: PairDetails[] = [];
      for (const time of job.times) {
        signal?.throwIfAborted();
        const rest = { ...flows, t: Float32Array.of(time) };
        const fill = (frames: Arrays, wanted?: readonly string[]) =>
          timed("interpolation", () => frame.run({ ...frames, ...rest }, wanted));
        const made = await fill(pair), found = detailsOf(made);
        const values = flows?.forward ?? new Float32Array();
        await checkNumbers(
          { label: labels.interpolation, what: "frame", values: made.frame! },
          () => Promise.resolve([{ label: labels.flow, what: "flow", values }]),
        );
        if (found) details.push(found);
        let filled: FrameArrays = { colors: made.frame! };
        if (first.alpha && second.alpha) {
          const colors = made.frame!.slice();
          filled = { colors, alpha: (await fill({ first: first.alpha, second: second.alpha }, ["frame"])).frame! };
        }
        images.push(await timed("color", () => arraysToImage(filled, job.first)));
      }
      return { images, details: details.length > 0 ? details : undefined, timing };
    },
    async dispose() {
      await prepared?.sessions.release();
      prepared = undefined;
    },
  };
}
