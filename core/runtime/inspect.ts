import type { Finding } from "../contracts/finding.ts";
import type { BackendDefinition } from "./backend.ts";
import { BACKENDS } from "./backends/mod.ts";
import { reasonOf } from "./choose.ts";

/** Tries each backend: the device that it found, or why it does not work. */
export async function inspectBackends(backends: readonly BackendDefinition[] = BACKENDS): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, open } of backends) {
    const what = `backend ${name}`;
    try {
      const backend = await open();
      const slow = backend.software ? "; slower than the CPU itself, used by name only" : "";
      findings.push({ what, state: "ok", found: backend.device + slow });
      await backend.close();
    } catch (error) {
      findings.push({ what, state: "missing", found: reasonOf(error) });
    }
  }
  return findings;
}
