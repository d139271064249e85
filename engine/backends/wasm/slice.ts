import { backend_util, Slice, slice_util, SplitV, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { type HeapArray, useKernel, type WasmBackend } from "./backend.ts";
import { copyBlocks } from "./copy_blocks.ts";

/** Copies the part of `x` that begins at `begin` and is of `out`'s shape. The stock kernel copies the whole of `x` first. */
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
  // Dimensions that are taken whole make one block with the dimension before them.
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
