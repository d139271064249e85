import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { PartDefinition } from "../contracts/parts.ts";
import { UsageError } from "../errors.ts";

/** The error for options that a part's schema refuses: names the part, the place and the first thing that is wrong there. */
export function optionsError(
  { slot, name }: Pick<PartDefinition, "slot" | "name">,
  [issue]: readonly StandardSchemaV1.Issue[],
): UsageError {
  const steps = (issue?.path ?? []).map((step) => String(typeof step === "object" ? step.key : step));
  return new UsageError(`${slot} "${name}": ${["options", ...steps].join(".")}: ${issue?.message}`);
}
