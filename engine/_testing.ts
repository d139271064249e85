/** Runs tests on every tfjs backend. */
import type { BackendDefinition, OpenTfjsBackend, TfjsBackend } from "./backend.ts";
import { BACKENDS } from "../api/backends.ts";
import { reasonOf } from "@slomo/core";

const listOf = (variable: string) => Deno.env.get(variable)?.split(",");

/** Backends that must work in this run, as CI sets them. */
const REQUIRED = listOf("SLOMO_REQUIRE_BACKENDS") ?? [];
const only = listOf("SLOMO_TEST_BACKENDS");

const isTfjsBackend = (backend: BackendDefinition): backend is TfjsBackend => backend.kind === "tfjs";

/**
 * The tfjs backends of this run. TensorFlow runs only if it is named: with Mesa's WebGPU in the same process one of the two
 * crashes, and `deno test` runs all files in one process.
 */
const CHOSEN = BACKENDS.filter(isTfjsBackend)
  .filter(({ name }) => only ? only.includes(name) : name !== "tensorflow");

/**
 * Registers a test for each backend. If a backend does not work on this machine, its test is ignored, with the reason in its
 * name, or fails if `SLOMO_REQUIRE_BACKENDS` names the backend.
 *
 * @param isChosen Selects backends by name. @default {all}
 */
export async function eachBackend(
  name: string,
  test: (t: Deno.TestContext, backend: OpenTfjsBackend) => Promise<void>,
  isChosen: (backend: string) => boolean = () => true,
): Promise<void> {
  for (const { name: backendName, open } of CHOSEN.filter(({ name }) => isChosen(name))) {
    const reason = REQUIRED.includes(backendName)
      ? undefined
      : await open().then((backend) => void backend.close(), reasonOf) ?? undefined;
    Deno.test({
      name: reason === undefined ? `${name} on ${backendName}` : `${name} on ${backendName}: ignored, ${reason}`,
      ignore: reason !== undefined,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn(t) {
        const backend = await open();
        await test(t, backend);
        await backend.close();
      },
    });
  }
}
