/** A thread with a backend of its own that fills pairs, one after the other. */
import type { PairResult } from "@slomo/core";
import type { PairComputer } from "../backend.ts";
import type { BackendDefinition, OpenBackend } from "../backend.ts";
import { createComputer } from "../create_computer.ts";
import { type FromWorker, toPosted, type ToWorker } from "./pair_messages.ts";

/** What is used of a worker's global scope, whose types no library of a document has. */
interface Scope {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
}

const scope = self as unknown as Scope;
let backend: OpenBackend | undefined, computer: PairComputer | undefined;
let last: Promise<void> = Promise.resolve();

/** The memory of a result, which moves to the other thread. */
function memoryOf({ images, details = [] }: PairResult): Transferable[] {
  const planes = images.flatMap((image) => image.planes.map((plane) => plane.buffer));
  const flows = details.flatMap((one) => [one.flowToFirst.buffer, one.flowToSecond.buffer, one.visibility.buffer]);
  return [...new Set([...planes, ...flows])] as Transferable[];
}

async function answer(message: ToWorker): Promise<[FromWorker, Transferable[]]> {
  if (message.kind === "open") {
    const { setup } = message, { device, precision } = setup;
    const module: { readonly default: BackendDefinition } = await import(message.module);
    backend = await module.default.open({ device, precision });
    computer = await createComputer(backend, setup);
    return [{ kind: "opened", device: backend.device }, []];
  }
  if (message.kind === "close") {
    computer?.dispose();
    await backend?.close();
    return [{ kind: "closed" }, []];
  }
  const result = await computer!.run(message.job);
  return [{ kind: "done", result }, memoryOf(result)];
}

async function reply(message: ToWorker): Promise<void> {
  try {
    scope.postMessage(...await answer(message));
  } catch (error) {
    scope.postMessage({ kind: "failed", error: toPosted(error) }, []);
  }
}

scope.onmessage = ({ data }) => {
  last = last.then(() => reply(data));
};
