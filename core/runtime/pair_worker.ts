/** A thread with a backend of its own that fills pairs, one after the other. */
import type { PairResult } from "../contracts/engine.ts";
import type { PairComputer } from "../pipeline/compute_pair.ts";
import { chooseBackend } from "./choose.ts";
import { createComputer } from "./create_computer.ts";
import { type FromWorker, toPosted, type ToWorker } from "./pair_messages.ts";

/** What is used of a worker's global scope, whose types no library of a document has. */
interface Scope {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
}

const scope = self as unknown as Scope;
let computer: PairComputer | undefined;

/** The memory of a result, which moves to the other thread. */
function memoryOf({ images, details = [] }: PairResult): Transferable[] {
  const planes = images.flatMap((image) => image.planes.map((plane) => plane.buffer));
  const flows = details.flatMap((one) => [one.flowToFirst.buffer, one.flowToSecond.buffer, one.visibility.buffer]);
  return [...new Set([...planes, ...flows])] as Transferable[];
}

async function answer(message: ToWorker): Promise<[FromWorker, Transferable[]]> {
  if (message.kind === "open") {
    const { setup } = message, { device, precision } = setup;
    const { backend } = await chooseBackend(setup.backend, "interpolate", { device, precision });
    computer = await createComputer(backend, setup);
    return [{ kind: "opened", device: backend.device }, []];
  }
  const result = await computer!.run(message.job);
  return [{ kind: "done", result }, memoryOf(result)];
}

scope.onmessage = async ({ data }) => {
  try {
    scope.postMessage(...await answer(data));
  } catch (error) {
    scope.postMessage({ kind: "failed", error: toPosted(error) }, []);
  }
};
