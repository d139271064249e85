import { backend_util, Concat, Slice, slice_util, SplitV, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { type HeapArray, useKernel, type WasmBackend } from "./backend.ts";

/** Shorter blocks are copied value by value, since a call has a fixed cost. */
const SHORT = 48;

/** Equally spaced blocks in an array. */
interface Blocks {
  /** The array. */
  readonly array: HeapArray;
  /** Index of the first block. */
  readonly start: number;
  /** Distance between the starts of two blocks. */
  readonly stride: number;
}

/** Copies `count` blocks of `length` values, such as parts of rows. */
function copyBlocks(from: Blocks, to: Blocks, length: number, count: number): void {
  const source = from.array, target = to.array;
  if (length === from.stride && length === to.stride) {
    target.set(source.subarray(from.start, from.start + count * length), to.start);
    return;
  }
  let read = from.start, write = to.start;
  for (let block = 0; block < count; block++, read += from.stride, write += to.stride) {
    if (length < SHORT) { for (let i = 0; i < length; i++) target[write + i] = source[read + i]!; }
    else target.set(source.subarray(read, read + length), write);
  }
}

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

/** Copies the part of `x` that starts at `begin` and has the shape `size`. The kernel of tfjs copies all of `x` first. */
function slice(backend: WasmBackend, x: TensorInfo, begin: readonly number[], size: number[]): TensorInfo {
  const out = backend.makeOutput(size, x.dtype);
  const source = backend.typedArrayFromHeap(x), target = backend.typedArrayFromHeap(out);
  copyPart(source, x.shape, begin, target, size);
  return out;
}

function copyPart(
  source: HeapArray,
  shape: readonly number[],
  begin: readonly number[],
  target: HeapArray,
  size: readonly number[],
): void {
  // Dimensions that are not sliced form one block with the dimension before them.
  let last = shape.length - 1;
  while (last > 0 && size[last] === shape[last]) last--;
  const inner = util.sizeFromShape(shape.slice(last + 1)), strides = [...util.computeStrides([...shape]), 1];
  const length = (size[last] ?? 1) * inner, rows = last - 1, rowStride = rows < 0 ? 0 : strides[rows]!;
  let write = 0;
  const walk = (dimension: number, read: number): void => {
    if (dimension < rows) {
      for (let i = 0; i < size[dimension]!; i++) {
        walk(dimension + 1, read + (begin[dimension]! + i) * strides[dimension]!);
      }
      return;
    }
    const count = rows < 0 ? 1 : size[rows]!, start = read + (rows < 0 ? 0 : begin[rows]! * rowStride);
    const from = { array: source, start: start + (begin[last] ?? 0) * inner, stride: rowStride };
    copyBlocks(from, { array: target, start: write, stride: length }, length, count);
    write += count * length;
  };
  walk(0, 0);
}

useKernel<{ readonly x: TensorInfo }, { readonly begin: number[]; readonly size: number[] }>(
  Slice,
  ({ inputs: { x }, attrs, backend }) => {
    const [begin, size] = slice_util.parseSliceParams(
      x as Parameters<typeof slice_util.parseSliceParams>[0],
      attrs.begin,
      attrs.size,
    );
    return slice(backend, x, begin!, size!);
  },
);

useKernel<{ readonly x: TensorInfo }, { readonly numOrSizeSplits: number | number[]; readonly axis: number }>(
  SplitV,
  ({ inputs: { x }, attrs, backend }) => {
    const axis = util.parseAxisParam(attrs.axis, x.shape)[0]!, begin = x.shape.map(() => 0);
    return backend_util.prepareSplitSize(
      x as Parameters<typeof backend_util.prepareSplitSize>[0],
      attrs.numOrSizeSplits,
      axis,
    )
      .map((length) => {
        const part = slice(backend, x, begin, x.shape.with(axis, length));
        begin[axis]! += length;
        return part;
      });
  },
);
