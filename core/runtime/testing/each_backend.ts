/** Runs one table of tests on every backend, with the backend's own tolerance. */
import type { OpenBackend } from "../backend.ts";
import { BACKENDS } from "../backends/mod.ts";
import { reasonOf } from "../choose.ts";

/** Backends that must work in this run, by name: CI names them, so that a test that could not run is a failure there. */
const REQUIRED = new Set((Deno.env.get("SLOMO_TEST_BACKENDS") ?? "cpu,wasm").split(","));

/**
 * Registers a test for each backend. One that does not work here is ignored, with the reason in the test's name, unless
 * `SLOMO_TEST_BACKENDS` names it.
 */
export async function eachBackend(
  what: string,
  test: (t: Deno.TestContext, backend: OpenBackend) => Promise<void>,
): Promise<void> {
  for (const { name, open } of BACKENDS) {
    const reason = REQUIRED.has(name) ? undefined : await open().then(() => undefined, reasonOf);
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
