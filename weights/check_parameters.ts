import type { ArchitectureFacts, ParameterSpec } from "@slomo/core";
import { UsageError } from "@slomo/core";
import { describeArchitecture } from "./facts.ts";
import type { TensorEntry } from "./header.ts";
import type { WeightsFile } from "./weights_file.ts";

/** Prefix of the names of a part's tensors. */
export type WeightsPrefix = "flow" | "interpolation";

type Part = "flowEstimator" | "interpolator";

/** The {@linkcode WeightsPrefix} of each network. */
export const WEIGHTS_PREFIXES: Readonly<Record<Part, WeightsPrefix>> = {
  flowEstimator: "flow",
  interpolator: "interpolation",
};

/** Returns the part of a prefix; `undefined` for prefixes of losses. */
function partOf(prefix: string): Part | undefined {
  return (Object.keys(WEIGHTS_PREFIXES) as Part[]).find((part) => WEIGHTS_PREFIXES[part] === prefix);
}

/** Maximum number of names in an error. */
const NAMES_SHOWN = 3;

function list(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return names.slice(0, NAMES_SHOWN).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/**
 * Checks that a weights file has exactly the parameters of a part, in their shapes.
 *
 * @param specs Parameters of the part.
 * @param prefix A {@linkcode WeightsPrefix}, or the one that a loss names.
 * @param weights The file.
 * @param architecture Part and options of `specs`, for errors.
 * @returns The parameters with their tensors in the file.
 * @throws {UsageError} If a tensor is missing, unknown or has another shape; the message names the tensor, both shapes
 * and both architectures.
 */
export function checkParameters(
  specs: readonly ParameterSpec[],
  prefix: string,
  weights: WeightsFile,
  architecture?: ArchitectureFacts,
): { readonly spec: ParameterSpec; readonly entry: TensorEntry }[] {
  const { location, tensors, facts } = weights;
  const fail = (what: string): never => {
    const part = partOf(prefix), asked = architecture ? describeArchitecture(architecture) : `the ${part ?? prefix}`;
    const made = part ? `; the file is for ${describeArchitecture(facts[part])}` : "";
    throw new UsageError(`${location} does not fit ${asked}: ${what}${made}. Use weights made for this part`, {
      code: "weights-mismatch",
    });
  };
  const known = new Set(specs.map(({ name }) => `${prefix}.${name}`));
  const missing = [...known].filter((name) => !tensors.has(name));
  if (missing.length > 0) fail(`it lacks ${list(missing)}`);
  // A loss may stop at an earlier layer of its network than the file does.
  const isWhole = partOf(prefix) !== undefined;
  const extra = [...tensors.keys()].filter((name) => isWhole && name.startsWith(`${prefix}.`) && !known.has(name));
  if (extra.length > 0) fail(`it has ${list(extra)}, which the part does not use`);
  const entries = specs.map((spec) => ({ spec, entry: tensors.get(`${prefix}.${spec.name}`)! }));
  for (const { spec, entry } of entries) {
    if (spec.shape.join() !== entry.shape.join()) {
      fail(`tensor "${entry.name}" must be [${spec.shape.join(", ")}] and is [${entry.shape.join(", ")}]`);
    }
  }
  return entries;
}
