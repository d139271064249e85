import { type Tensor, tensor } from "@tensorflow/tfjs-core";
import type { ParameterSpec } from "@slomo/core";
import type { ArchitectureFacts } from "@slomo/core";
import { UsageError } from "@slomo/core";
import { describeArchitecture } from "./facts.ts";
import { tensorValues } from "./safetensors.ts";
import { openWeights, type WeightsFile } from "./weights_file.ts";

/** Prefix of the names of a part's tensors. */
export type WeightsPrefix = "flow" | "interpolation";

type Part = "flowEstimator" | "interpolator";

const PARTS: Readonly<Record<WeightsPrefix, Part>> = { flow: "flowEstimator", interpolation: "interpolator" };

/** Returns the part of a prefix; `undefined` for prefixes of losses. */
function partOf(prefix: string): Part | undefined {
  return Object.hasOwn(PARTS, prefix) ? PARTS[prefix as WeightsPrefix] : undefined;
}

/** Maximum number of names in an error. */
const NAMES_SHOWN = 3;

function list(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return names.slice(0, NAMES_SHOWN).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/**
 * Creates the tensors of a part from a weights file, in float32, by their names after the prefix. Checks all of them
 * first; the caller disposes them.
 *
 * @param specs Parameters of the part.
 * @param prefix A {@linkcode WeightsPrefix}, or the one that a loss names.
 * @param file The file, or its bytes.
 * @param architecture Part and options of `specs`, for errors.
 * @throws {UsageError} If a tensor is missing, unknown or has another shape; the message names the tensor, both shapes
 * and both architectures.
 */
export function loadParameters(
  specs: readonly ParameterSpec[],
  prefix: string,
  file: WeightsFile | Uint8Array,
  architecture?: ArchitectureFacts,
): Record<string, Tensor> {
  const weights = file instanceof Uint8Array ? openWeights(file) : file;
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
  return Object.fromEntries(
    entries.map(({ spec, entry }) => [spec.name, tensor(tensorValues(weights, entry), [...spec.shape])]),
  );
}
