import * as tf from "@tensorflow/tfjs-core";
import { UsageError } from "@slomo/core";
import type { OpenBackend } from "../backend.ts";

/** Takes a backend away from tfjs and leaves its factory, so that it can be opened again. */
function remove(name: string): void {
  const factory = tf.findBackendFactory(name);
  tf.removeBackend(name);
  tf.registerBackend(name, factory);
}

/** Sets a tfjs backend whose factory is registered. Production mode keeps tfjs's advice off the terminal. */
export async function useBackend(name: string, facts: Omit<OpenBackend, "name" | "close">): Promise<OpenBackend> {
  tf.enableProdMode();
  let reason = "tfjs does not say why";
  try {
    if (await tf.setBackend(name)) return { name, ...facts, close: () => Promise.resolve(remove(name)) };
  } catch (error) {
    reason = error instanceof Error ? error.message.split("\n", 1)[0]! : String(error);
  }
  throw new UsageError(`the ${name} backend cannot be started: ${reason}`);
}
