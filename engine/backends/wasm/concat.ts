import { backend_util, Concat, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { useKernel } from "./backend.ts";
import { copyBlocks } from "./copy_blocks.ts";

useKernel<Record<string, TensorInfo>, { readonly axis: number }>(Concat, ({ inputs, attrs, backend }) => {
  const tensors = Object.values(inputs), first = tensors[0]!;
  const axis = util.parseAxisParam(attrs.axis, first.shape)[0]!, shapes = tensors.map(({ shape }) => shape);
  backend_util.assertParamsConsistent(shapes, axis);
  const shape = backend_util.computeOutShape(shapes, axis);
  const out = backend.makeOutput(shape, first.dtype), array = backend.typedArrayFromHeap(out);
  const count = util.sizeFromShape(shape.slice(0, axis)), stride = util.sizeFromShape(shape.slice(axis));
  let start = 0;
  for (const tensor of tensors) {
    const length = util.sizeFromShape(tensor.shape.slice(axis));
    const from = { array: backend.typedArrayFromHeap(tensor), start: 0, stride: length };
    copyBlocks(from, { array, start, stride }, length, count);
    start += length;
  }
  return out;
});
