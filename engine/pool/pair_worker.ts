/** A worker that interpolates frame pairs, one after the other, on its own backend. @module */
import type { PairResult } from "@slomo/core";
import type { ResolvedManifest } from "@slomo/core/manifest";
import type { BackendDefinition, OpenBackend } from "../backend.ts";
import { openPairInterpolator, type PairInterpolator } from "../pair/pair_interpolator.ts";
import type { LazyToolkit } from "../pair/pair_networks.ts";
import { type FromWorker, toPosted, type ToWorker } from "./pair_messages.ts";

/** The part of a worker's global scope that is used here; the type libraries in use do not declare it. */
interface Scope {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
}

const scope = self as unknown as Scope;
let backend: OpenBackend | undefined, interpolator: PairInterpolator | undefined;
let last: Promise<void> = Promise.resolve();

/** Returns the buffers of a result, which are transferred to the other thread. */
function buffersOf({ images, details = [] }: PairResult): Transferable[] {
  const planes = images.flatMap((image) => image.planes.map((plane) => plane.buffer));
  const flows = details.flatMap((one) => [one.flowToFirst.buffer, one.flowToSecond.buffer, one.visibility.buffer]);
  return [...new Set([...planes, ...flows])] as Transferable[];
}

/** Returns a toolkit whose plugins, and the code that loads them, are loaded only if the backend needs them. */
function lazyToolkit(manifest: ResolvedManifest): LazyToolkit {
  return {
    manifest,
    load: async () => {
      const { createToolkit } = await import("@slomo/core/manifest");
      return await createToolkit(manifest);
    },
  };
}

async function answer(message: ToWorker): Promise<[FromWorker, Transferable[]]> {
  if (message.kind === "open") {
    const { manifest, device, precision, backend: _, ...setup } = message.setup;
    const module: { readonly default: BackendDefinition } = await import(message.module);
    backend = await module.default.open({ device, precision });
    interpolator = await openPairInterpolator(backend, { toolkit: lazyToolkit(manifest), ...setup });
    return [{ kind: "opened", device: backend.device }, []];
  }
  if (message.kind === "close") {
    await interpolator?.dispose();
    await backend?.close();
    return [{ kind: "closed" }, []];
  }
  const result = await interpolator!.run(message.job);
  return [{ kind: "done", result }, buffersOf(result)];
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
