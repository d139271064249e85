import defer * as tf from "@tensorflow/tfjs-core";
import { definePart, type Loss, type PartDefinition, UsageError } from "@slomo/core";
import { z } from "zod";

/** Options of {@linkcode flow}. */
export interface FlowLossOptions {
  /** Softening in square pixels, above 0: the square root has no gradient at 0. @default {0.01} */
  readonly epsilon?: number | undefined;
}

const schema: z.ZodType<{ readonly epsilon: number }> = z.strictObject({
  epsilon: z.number().positive().default(0.01).describe("Softening at zero, in squared pixels."),
});

/** Returns the mean of √(|flow − known flow|² + ε) over the pixels, in pixels of the full size. */
function endpointError(found: tf.Tensor4D, known: tf.Tensor4D, scale: number, epsilon: number): tf.Scalar {
  return tf.tidy(() => {
    const squares = tf.sum(tf.square(tf.div(tf.sub(found, known), scale)), 3);
    return tf.mean(tf.sqrt(tf.add(squares, epsilon)));
  });
}

/**
 * Returns the endpoint error of F(0→1) plus that of F(1→0), in pixels of the size at which the step trains, at every
 * pyramid level; 0 for data without known flow. It does not depend on the range of pixel values.
 *
 * @throws {RangeError} If `epsilon` is not above 0.
 */
export function flow(options: FlowLossOptions = {}): Loss {
  const { epsilon = 0.01 } = options;
  if (!(epsilon > 0)) throw new RangeError(`flow: epsilon must be above 0, got ${epsilon}`);
  return {
    everyPyramidLevel: true,
    parameters: [],
    compute(_, { flow: found, knownFlow, scale = 1 }) {
      if (knownFlow === undefined) return tf.scalar(0);
      if (found === undefined) {
        throw new UsageError("flow: the interpolator returns no flow; remove this loss from the manifest", {
          code: "invalid-manifest",
          option: "manifest",
        });
      }
      return tf.tidy(() => {
        const forward = endpointError(found.forward, knownFlow.forward, scale, epsilon);
        if (found.backward === undefined || knownFlow.backward === undefined) return forward;
        return tf.add(forward, endpointError(found.backward, knownFlow.backward, scale, epsilon)) as tf.Scalar;
      });
    },
  };
}

/** {@linkcode flow} for a manifest. */
export const flowPart: PartDefinition = definePart({
  slot: "loss",
  name: "flow",
  description: "Endpoint error against known flow, if the data has it.",
  options: schema,
  training: { presets: { recipe: { weight: 0.03 }, quick: { weight: 0.03 } } },
  create: flow,
});
