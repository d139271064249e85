import { batches } from "./batches.ts";
import { cancellation } from "./cancellation.ts";
import { determinism } from "./determinism.ts";
import { direction } from "./direction.ts";
import { dtype } from "./dtype.ts";
import { errors } from "./errors.ts";
import { gradients } from "./gradients.ts";
import { identity } from "./identity.ts";
import { leaks } from "./leaks.ts";
import { serializable } from "./options.ts";
import { shapes } from "./shapes.ts";
import type { CaseDefinition } from "./subject.ts";
import { traces } from "./traces.ts";
import { weights } from "./weights.ts";

/** The cases of parts that compute with tensors, in the order in which they are tried. */
export const TENSOR_CASES: readonly CaseDefinition[] = [
  serializable,
  shapes,
  dtype,
  identity,
  direction,
  batches,
  leaks,
  determinism,
  gradients,
  traces,
  weights,
  cancellation,
  errors,
];
