import {
  type ExpandDimsAttrs,
  type ReshapeAttrs,
  type TileAttrs,
  type TransposeAttrs,
  util,
} from "@tensorflow/tfjs-core";
import { axisIn, type ElementType, inLayout } from "../graph/values.ts";
import type { Mapping, MappingTable } from "../trace/tracing.ts";

const reshape: Mapping<"x", ReshapeAttrs> = (g, { x }, { shape }) =>
  g.reshape(x, util.inferFromImplicitShape(shape, util.sizeFromShape(x.shape)));

const expandDims: Mapping<"input", ExpandDimsAttrs> = (g, { input }, { dim }) => {
  const shape = [...input.shape];
  shape.splice(dim < 0 ? shape.length + 1 + dim : dim, 0, 1);
  return g.reshape(input, shape);
};

const transpose: Mapping<"x", TransposeAttrs> = (g, { x }, { perm }) => {
  const layout = g.layoutOf(x), order = perm.map((axis) => axisIn(layout, axis, x.shape.length));
  const value = g.writer.transpose(g.operand(x, layout), inLayout(x.shape, layout), order);
  return g.result(value, perm.map((axis) => x.shape[axis]!), x.dtype as ElementType);
};

const tile: Mapping<"x", TileAttrs> = (g, { x }, { reps }) => {
  if (reps.every((count) => count === 1)) return g.alias(x);
  const layout = g.layoutOf(x), counts = g.writer.ints(inLayout(reps, layout));
  const shape = x.shape.map((length, i) => length * reps[i]!);
  return g.result(g.writer.emit("Tile", [g.operand(x, layout), counts]), shape, x.dtype as ElementType, layout);
};

/** Ops that reorder or repeat elements. */
export const shapes: MappingTable = {
  ExpandDims: expandDims,
  Reshape: reshape,
  Tile: tile,
  Transpose: transpose,
};
