import {
  backend_util,
  FusedConv2D,
  getKernel,
  type KernelFunc,
  type NamedAttrMap,
  type TensorInfo,
  util,
} from "@tensorflow/tfjs-core";
import { BACKEND, type KernelCall, useKernel, type WasmBackend } from "./backend.ts";

/** The attributes that this kernel reads; that of tfjs reads more. */
interface Attributes extends NamedAttrMap {
  readonly strides: number | [number, number];
  readonly dilations: number | [number, number];
  readonly pad: "valid" | "same" | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode: "floor" | "round" | "ceil";
}

type Inputs = Readonly<Record<"x" | "filter", TensorInfo>> & Readonly<Record<string, TensorInfo | undefined>>;
/** The kernel of tfjs, which computes all rows at once. */
const stock: KernelFunc = getKernel(FusedConv2D, BACKEND).kernelFunc;

type ConvolutionSizes = ReturnType<typeof backend_util.computeConv2DInfo>;

/** Limit of the table that the library keeps for each convolution: one pointer per output pixel and tap. */
const LARGEST_TABLE = 2 ** 21;
const POINTER_BYTES = 4;

/** Returns the number of output rows that are computed at once. */
function rowsAtOnce({ outWidth, filterHeight, filterWidth }: ConvolutionSizes): number {
  return Math.max(1, Math.floor(LARGEST_TABLE / (POINTER_BYTES * outWidth * filterHeight * filterWidth)));
}

/** Returns rows `from` to `to` of one image of a tensor [N, H, W, C], as a view of its memory. */
function rowsOf(
  backend: WasmBackend,
  { dataId, shape }: TensorInfo,
  image: number,
  from: number,
  to: number,
): TensorInfo {
  const [, height, width, channels] = shape as [number, number, number, number];
  const before = (image * height + from) * width * channels;
  const offset = backend.dataIdMap.get(dataId).memoryOffset + before * util.bytesPerElement("float32");
  return backend.makeOutput([1, to - from, width, channels], "float32", offset);
}

/** Removes a view and keeps the memory of the tensor. */
function removeView(backend: WasmBackend, { dataId }: TensorInfo): void {
  backend.wasm.tfjs.disposeData(backend.dataIdMap.get(dataId).id);
  backend.dataIdMap.delete(dataId);
}

function convolveRows(
  { inputs, attrs, backend }: KernelCall<Inputs, Attributes>,
  sizes: ConvolutionSizes,
): TensorInfo {
  const { batchSize, inHeight, outHeight, filterHeight, padInfo: { top, left, right } } = sizes;
  const out = backend.makeOutput([...sizes.outShape], "float32"), step = rowsAtOnce(sizes);
  for (let image = 0; image < batchSize; image++) {
    for (let from = 0; from < outHeight; from += step) {
      const to = Math.min(from + step, outHeight), first = from - top, last = to - 1 - top + filterHeight;
      const x = rowsOf(backend, inputs.x, image, Math.max(0, first), Math.min(inHeight, last));
      const target = rowsOf(backend, out, image, from, to);
      const pad = [[0, 0], [Math.max(0, -first), Math.max(0, last - inHeight)], [left, right], [0, 0]];
      const into = Object.create(backend, { makeOutput: { value: () => target } }) as WasmBackend;
      stock({
        inputs: { ...inputs, x } as Parameters<KernelFunc>[0]["inputs"],
        attrs: { ...attrs, pad },
        backend: into,
      });
      removeView(backend, x);
      removeView(backend, target);
    }
  }
  return out;
}

/**
 * `fused.conv2d` of large images in strips of rows. For a whole image, the library's table of pointers for each filter would
 * be many times larger than the image (7×7 taps: 196 bytes per pixel), and its leaky ReLU needs a second array of the size
 * of the output, which stays in the processor's cache for a strip. Results are exactly the same.
 */
useKernel<Inputs, Attributes>(FusedConv2D, (call) => {
  const { inputs: { x, filter }, attrs } = call;
  const sizes = backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filter.shape as [number, number, number, number],
    attrs.strides,
    attrs.dilations,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const steps = [sizes.strideHeight, sizes.strideWidth, sizes.dilationHeight, sizes.dilationWidth];
  if (steps.every((step) => step === 1) && rowsAtOnce(sizes) < sizes.outHeight) return convolveRows(call, sizes);
  return stock(call as unknown as Parameters<KernelFunc>[0]) as TensorInfo;
});
