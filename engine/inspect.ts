import { type Finding, reasonOf } from "@slomo/core";
import type { BackendDefinition, ComputePrecision } from "./backend.ts";

/** Tests a backend in one precision. */
async function inspectIn({ name, open }: BackendDefinition, precision: ComputePrecision): Promise<Finding> {
  const what = precision === "float32" ? `backend ${name}` : `backend ${name} in ${precision}`;
  try {
    const backend = await open({ precision });
    const slow = backend.software ? "; slower than the CPU itself, used by name only" : "";
    await backend.close();
    return { what, state: "ok", found: backend.device + slow };
  } catch (error) {
    return { what, state: "missing", found: reasonOf(error) };
  }
}

/**
 * Tests a backend, and then its precisions other than float32 where it works: returns its device, or why it does not
 * work, for each.
 */
export async function inspectBackend(definition: BackendDefinition): Promise<Finding[]> {
  const findings = [await inspectIn(definition, "float32")];
  if (findings[0]?.state !== "ok") return findings;
  for (const precision of definition.precisions ?? []) {
    if (precision !== "float32") findings.push(await inspectIn(definition, precision));
  }
  return findings;
}
