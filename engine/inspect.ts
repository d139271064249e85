import { type Finding, reasonOf } from "@slomo/core";
import type { BackendDefinition } from "./backend.ts";

/** Tests a backend: returns its device, or why it does not work. */
export async function inspectBackend({ name, open }: BackendDefinition): Promise<Finding> {
  const what = `backend ${name}`;
  try {
    const backend = await open();
    const slow = backend.software ? "; slower than the CPU itself, used by name only" : "";
    await backend.close();
    return { what, state: "ok", found: backend.device + slow };
  } catch (error) {
    return { what, state: "missing", found: reasonOf(error) };
  }
}
