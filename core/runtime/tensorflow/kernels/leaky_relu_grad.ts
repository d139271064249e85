import {
  engine,
  getBackend,
  getGradient,
  getKernel,
  type GradConfig,
  type KernelConfig,
  registerGradient,
  type Tensor,
  unregisterGradient,
} from "@tensorflow/tfjs-core";
import { float, typeOf } from "./attributes.ts";
import { kernel } from "./kernel.ts";

const NAME = "LeakyReluGrad";

/** `dy` where `x` is above zero, `alpha · dy` elsewhere, as one op. */
export const leakyReluGrad: KernelConfig = kernel<"dy" | "x", { readonly alpha: number }>(
  NAME,
  ({ inputs: { dy, x }, attrs: { alpha }, backend }) =>
    backend.executeSingleOutput(NAME, [typeOf("T"), float("alpha", alpha)], [dy, x]),
);

/**
 * Makes the gradient of `leakyRelu` one op on backends that have a kernel for it, in place of tfjs-core's four. Other
 * backends keep tfjs-core's.
 */
export function useLeakyReluGrad(): void {
  const composed: GradConfig | undefined = getGradient("LeakyRelu");
  if (composed === undefined) throw new TypeError("tensorflow: tfjs has no gradient of LeakyRelu to build on");
  const fused: GradConfig = {
    kernelName: "LeakyRelu",
    inputsToSave: ["x"],
    gradFunc: (dy, saved, attributes) => {
      const [x] = saved;
      const native = getKernel(NAME, getBackend()) !== undefined && x !== undefined && !Array.isArray(dy);
      if (!native) return composed.gradFunc(dy, saved, attributes);
      return { x: () => engine().runKernel(NAME, { dy, x }, attributes) as Tensor };
    },
  };
  unregisterGradient("LeakyRelu");
  registerGradient(fused);
}
