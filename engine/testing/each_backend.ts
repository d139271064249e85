/** Runs one table of tests on every backend, with the backend's own tolerance. */
import type { BackendDefinition, OpenTfjsBackend, TfjsBackend } from "../backend.ts";
import { BACKENDS } from "../../api/backends.ts";
import { reasonOf } from "@slomo/core";

const listOf = (variable: string) => Deno.env.get(variable)?.split(",");

/** Backends that must work in this run; CI names those that it installs. */
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
 * Registers a test for each backend. One that does not work here is ignored, with the reason in the test's name, unless
 * `SLOMO_REQUIRE_BACKENDS` names it: then it fails.
 */
export async function eachBackend(
  what: string,
  test: (t: Deno.TestContext, backend: OpenTfjsBackend) => Promise<void>,
): Promise<void> {
  for (const { name, open } of CHOSEN) {
    const reason = REQUIRED.includes(name)
      ? undefined
      : await open().then((backend) => void backend.close(), reasonOf) ?? undefined;
    Deno.test({
      name: reason === undefined ? `${what} on ${name}` : `${what} on ${name}: ignored, ${reason}`,
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
