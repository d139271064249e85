import type { CastAttrs } from "@tensorflow/tfjs-core";
import { isElementType, ONNX_TYPES } from "../graph/values.ts";
import { describe, UntraceableError } from "../trace/tracing_backend.ts";
import { broadcasting, composed, composedOfTwo, unary } from "./elementwise.ts";
import type { Mapping, MappingTable } from "../trace/tracing.ts";

const comparison = (op: string) => broadcasting(op, ["a", "b"], "bool");

const cast: Mapping<"x", CastAttrs> = (g, { x }, { dtype }) => {
  if (dtype === x.dtype) return g.alias(x);
  if (!isElementType(dtype)) throw new UntraceableError(`onnx: ${describe(x)} cannot be cast to ${dtype}`);
  return unary<CastAttrs>("Cast", () => ({ to: ONNX_TYPES[dtype] }), dtype)(g, { x }, { dtype });
};

const not = unary("Not");

/** Creates a tensor of the shape of `x` with one value. */
const like = (value: number): Mapping<"x"> => (g, { x }) =>
  g.run("Fill", {}, { shape: x.shape, value, dtype: x.dtype });

/** Comparisons, logic, casts and constants. */
export const logic: MappingTable = {
  Cast: cast,
  Equal: comparison("Equal"),
  Greater: comparison("Greater"),
  GreaterEqual: comparison("GreaterOrEqual"),
  Identity: composed((g, x) => g.alias(x)),
  IsFinite: composed((g, x) =>
    g.run("LogicalNot", { x: g.run1("LogicalOr", { a: g.run1("IsNan", { x }), b: g.run1("IsInf", { x }) }) })
  ),
  IsInf: unary("IsInf", undefined, "bool"),
  IsNan: unary("IsNaN", undefined, "bool"),
  Less: comparison("Less"),
  LessEqual: comparison("LessOrEqual"),
  LogicalAnd: comparison("And"),
  LogicalNot: not,
  LogicalOr: comparison("Or"),
  NotEqual: composedOfTwo((g, a, b) => not(g, { x: g.run1("Equal", { a, b }) }, {})),
  OnesLike: like(1),
  Select: broadcasting("Where", ["condition", "t", "e"]),
  ZerosLike: like(0),
};
