import { z } from "zod";
import { type ModelFile, type NamedTensor, UsageError, type WeightsFacts } from "@slomo/core";
import { parseJson } from "./parse_json.ts";
import type { ConvertedModel } from "./source_format.ts";

/** Layouts of convolution filters: `o` outputs, `i` inputs, `h` height, `w` width. Weights files have the last two. */
export type FilterLayout = "oihw" | "iohw" | "hwio" | "hwoi";

/** Conversion of the tensors whose names in the file match. */
export interface NameRule {
  /** Regular expression that the whole name must match. */
  readonly match: string;
  /** Name in the weights file, with `$1` for groups: `interpolation.block.$1.weight`. Absent for tensors that are left out. */
  readonly name?: string | undefined;
  /** Whether the tensors are left out. */
  readonly drop?: true | undefined;
  /** Layout of filters in the file. @default {that of the map} */
  readonly layout?: FilterLayout | undefined;
  /** Block size of a PixelShuffle that follows: the outputs are put in the order of `depthToSpace`. */
  readonly pixelShuffle?: number | undefined;
  /** Order of the output channels: their indices in the file. */
  readonly outputs?: readonly number[] | undefined;
  /** Order of the input channels: their indices in the file. */
  readonly inputs?: readonly number[] | undefined;
}

/** Conversion of a network for which no part has an importer. */
export interface NameMap {
  /** Rules; the first one that matches a name is used. */
  readonly tensors: readonly NameRule[];
  /** Layout of filters in the file. @default {"oihw"} */
  readonly layout: FilterLayout;
  /** Options of the parts that the weights need. */
  readonly options: {
    /** Options of the flow estimator, for names that begin with `flow.`. */
    readonly flowEstimator?: Readonly<Record<string, unknown>> | undefined;
    /** Options of the interpolator, for names that begin with `interpolation.`. */
    readonly interpolator?: Readonly<Record<string, unknown>> | undefined;
  };
  /** As in {@linkcode WeightsFacts}. */
  readonly pixelRange: readonly [number, number];
  /** As in {@linkcode WeightsFacts}. */
  readonly mean: readonly [number, number, number];
  /** As in {@linkcode WeightsFacts}. */
  readonly license?: string | undefined;
}

const order = z.array(z.int().min(0)).min(1).optional();
const layout = z.enum(["oihw", "iohw", "hwio", "hwoi"]);
const regex = z.string().min(1).refine(isRegex, { error: "it is not a regular expression" });
const options = z.record(z.string(), z.unknown()).optional();

function isRegex(text: string): boolean {
  try {
    return new RegExp(text).source !== "";
  } catch {
    return false;
  }
}

const mapSchema: z.ZodType<NameMap> = z.strictObject({
  tensors: z.array(z.union([
    z.strictObject({ match: regex, drop: z.literal(true) }),
    z.strictObject({
      match: regex,
      name: z.string().regex(/^(flow|interpolation)\../, { error: "it must begin with flow. or interpolation." }),
      layout: layout.optional(),
      pixelShuffle: z.int().min(2).max(16).optional(),
      outputs: order,
      inputs: order,
    }),
  ])).min(1),
  layout: layout.default("oihw"),
  options: z.strictObject({ flowEstimator: options, interpolator: options }).default({}),
  pixelRange: z.tuple([z.number(), z.number()]).default([0, 1]),
  mean: z.tuple([z.number(), z.number(), z.number()]).default([0, 0, 0]),
  license: z.string().optional(),
});

/**
 * Parses a map of names.
 *
 * @param text The file, in JSON.
 * @param location Its name, for errors.
 * @throws {UsageError} If it is not a map; the message names the path within it.
 */
export function parseNameMap(text: string, location: string): NameMap {
  return parseJson(text, location, mapSchema);
}

/** Reverses the axes of a filter in pairs: OIHW becomes HWIO, IOHW becomes HWOI. */
function spatialFirst({ shape, values }: NamedTensor): NamedTensor {
  const [a, b, height, width] = shape as [number, number, number, number], moved = new Float32Array(values.length);
  let from = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let position = 0; position < height * width; position++) moved[(position * b + j) * a + i] = values[from++]!;
    }
  }
  return { shape: [height, width, b, a], values: moved };
}

/** Puts the elements of an axis in another order, given by their old indices. */
function reordered({ shape, values }: NamedTensor, axis: number, order: readonly number[]): NamedTensor {
  const stride = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const length = shape[axis]!, moved = new Float32Array(values.length);
  for (let begin = 0; begin < values.length; begin += length * stride) {
    order.forEach((from, to) => {
      const start = begin + from * stride;
      moved.set(values.subarray(start, start + stride), begin + to * stride);
    });
  }
  return { shape, values: moved };
}

/** PixelShuffle has the channel before the pixel of the block on the axis of outputs, `depthToSpace` the pixel first. */
function shuffledOrder(length: number, block: number): number[] {
  const corners = block ** 2, channels = length / corners;
  return Array.from({ length }, (_, to) => (to % channels) * corners + Math.floor(to / channels));
}

/** Converts one tensor. `refuse` throws an error. */
function convertTensor(
  tensor: NamedTensor,
  rule: NameRule,
  layout: FilterLayout,
  refuse: (cause: string) => never,
): NamedTensor {
  const isFilter = tensor.shape.length === 4, { pixelShuffle, inputs } = rule;
  let result = isFilter && layout.endsWith("hw") ? spatialFirst(tensor) : tensor;
  // Transposed convolutions have their outputs before their inputs.
  const isTransposed = layout === "iohw" || layout === "hwoi", last = result.shape.length - 1;
  const outputAxis = isFilter && isTransposed ? last - 1 : last, inputAxis = isTransposed ? last : last - 1;
  const put = (axis: number, order: readonly number[], what: string) => {
    const length = result.shape[axis]!, isPermutation = order.length === length && new Set(order).size === length;
    if (!isPermutation || Math.max(...order) >= length) refuse(`${what} must list 0 to ${length - 1} once each`);
    result = reordered(result, axis, order);
  };
  if (pixelShuffle !== undefined) {
    const length = result.shape[outputAxis]!;
    if (length % pixelShuffle ** 2 !== 0) refuse(`its ${length} outputs are no multiple of ${pixelShuffle ** 2}`);
    put(outputAxis, shuffledOrder(length, pixelShuffle), "pixelShuffle");
  }
  if (rule.outputs) put(outputAxis, rule.outputs, "outputs");
  if (inputs && !isFilter) refuse("inputs are an axis of filters only");
  if (inputs) put(inputAxis, inputs, "inputs");
  return result;
}

/** Number of names that an error shows. */
const NAMES_SHOWN = 3;

/**
 * Converts a model with a map of names.
 *
 * @param file The model.
 * @param map The map.
 * @param part Name of the part that the weights are for.
 * @throws {UsageError} If no rule matches a tensor, two tensors get one name, or a tensor does not suit its rule.
 */
export function convertByNames(file: ModelFile, map: NameMap, part: string): ConvertedModel {
  const rules = map.tensors.map((rule) => ({ ...rule, pattern: new RegExp(`^(?:${rule.match})$`) }));
  const tensors = new Map<string, NamedTensor>(), unknown: string[] = [];
  const refuse = (cause: string): never => {
    throw new UsageError(`${file.location}: cannot convert it with the map: ${cause}`, { code: "unsupported-model" });
  };
  for (const [from, read] of file.tensors) {
    const rule = rules.find(({ pattern }) => pattern.test(from));
    if (rule?.name === undefined) {
      if (rule === undefined) unknown.push(from);
      continue;
    }
    const name = from.replace(rule.pattern, rule.name);
    if (tensors.has(name)) refuse(`two tensors become "${name}", the second is "${from}"`);
    tensors.set(name, convertTensor(read(), rule, rule.layout ?? map.layout, (cause) => refuse(`"${from}": ${cause}`)));
  }
  if (unknown.length > 0) {
    const names = unknown.slice(0, NAMES_SHOWN).join(", ") + (unknown.length > NAMES_SHOWN ? ", …" : "");
    refuse(
      `no rule matches ${unknown.length} of its tensors (${names}); add rules, with "drop": true to leave them out`,
    );
  }
  const has = (prefix: string) => [...tensors.keys()].some((name) => name.startsWith(prefix));
  const facts: WeightsFacts = {
    version: 1,
    ...has("flow.") && { flowEstimator: { name: part, options: map.options.flowEstimator ?? {} } },
    ...has("interpolation.") && { interpolator: { name: part, options: map.options.interpolator ?? {} } },
    pixelRange: map.pixelRange,
    mean: map.mean,
    license: map.license,
  };
  return { facts, tensors, precision: file.precision };
}
