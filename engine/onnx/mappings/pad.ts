import type { MirrorPadAttrs, PadV2Attrs, TensorInfo } from "@tensorflow/tfjs-core";
import { axisIn, type ElementType, inLayout } from "../graph/values.ts";
import type { Mapping, MappingTable, Tracing } from "../trace/tracing.ts";

type Paddings = readonly (readonly [number, number])[];

function pad(g: Tracing, x: TensorInfo, paddings: Paddings, mode: string, value?: string): TensorInfo {
  const layout = g.layoutOf(x), order = inLayout(paddings, layout);
  const amounts = g.writer.ints([...order.map(([before]) => before), ...order.map(([, after]) => after)]);
  const padded = g.writer.emit("Pad", [g.operand(x, layout), amounts, ...value ? [value] : []], { mode });
  const shape = x.shape.map((length, i) => length + paddings[i]![0] + paddings[i]![1]);
  return g.result(padded, shape, x.dtype as ElementType, layout);
}

/** Pads symmetrically, which ONNX's `Pad` does not support, by gathering elements along each axis. */
function padSymmetric(g: Tracing, x: TensorInfo, paddings: Paddings): TensorInfo {
  const layout = g.layoutOf(x), rank = x.shape.length;
  let value = g.operand(x, layout);
  paddings.forEach(([before, after], axis) => {
    const length = x.shape[axis]!;
    if (before === 0 && after === 0) return;
    const indices = [
      ...Array.from({ length: before }, (_, i) => before - 1 - i),
      ...Array.from({ length }, (_, i) => i),
      ...Array.from({ length: after }, (_, i) => length - 1 - i),
    ];
    value = g.writer.emit("Gather", [value, g.writer.ints(indices)], { axis: axisIn(layout, axis, rank) });
  });
  const shape = x.shape.map((length, i) => length + paddings[i]![0] + paddings[i]![1]);
  return g.result(value, shape, x.dtype as ElementType, layout);
}

const padV2: Mapping<"x", PadV2Attrs> = (g, { x }, { paddings, constantValue }) =>
  pad(g, x, paddings, "constant", g.writer.scalar(constantValue, x.dtype as ElementType));

const mirrorPad: Mapping<"x", MirrorPadAttrs> = (g, { x }, { paddings, mode }) =>
  mode === "reflect" ? pad(g, x, paddings, "reflect") : padSymmetric(g, x, paddings);

/** Padding ops. */
export const padding: MappingTable = { MirrorPad: mirrorPad, PadV2: padV2 };
