import type * as tfjs from "@tensorflow/tfjs-core";
import { reasonOf, UsageError } from "@slomo/core";
import type { OpenTfjsBackend } from "../backend.ts";

/** Removes a backend from tfjs but keeps its factory, so that it can be opened again. */
function remove(tf: typeof tfjs, name: string): void {
  const factory = tf.findBackendFactory(name);
  tf.removeBackend(name);
  tf.registerBackend(name, factory);
}

/**
 * Sets a registered tfjs backend as the backend of this thread, in production mode, which silences tfjs's hints.
 *
 * @throws {UsageError} If tfjs cannot start it.
 */
export async function useBackend(
  name: string,
  facts: Omit<OpenTfjsBackend, "kind" | "name" | "close">,
): Promise<OpenTfjsBackend> {
  const tf = await import("@tensorflow/tfjs-core");
  tf.enableProdMode();
  let reason = "tfjs gives no reason";
  try {
    if (await tf.setBackend(name)) {
      return { kind: "tfjs", name, ...facts, close: () => Promise.resolve(remove(tf, name)) };
    }
  } catch (error) {
    reason = reasonOf(error);
  }
  throw new UsageError(`${name}: cannot start the backend: ${reason}; choose another \`backend\``, {
    code: "no-backend",
    option: "backend",
  });
}
