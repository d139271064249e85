import { deepStrictEqual as equal, rejects, throws } from "node:assert/strict";
import { type NamedTensor, UsageError } from "@slomo/core";
import { openWeights, writeWeights } from "../weights_file.ts";
import { writeSafetensors } from "../write_safetensors.ts";
import { parseNameMap, readModelByNames } from "./mod.ts";

/** A tensor whose values are their own indices. */
const indices = (...shape: number[]): NamedTensor => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
});

async function convert(tensors: Record<string, NamedTensor>, map: object): Promise<Record<string, NamedTensor>> {
  const bytes = writeSafetensors(new Map(Object.entries(tensors)), {}, "F32");
  const model = await readModelByNames(bytes, "net.safetensors", parseNameMap(JSON.stringify(map), "map.json"), "net");
  // The facts are those of a weights file.
  openWeights(writeWeights(model.facts, model.tensors, "F32"));
  return Object.fromEntries(model.tensors);
}

Deno.test("readModelByNames() renames tensors, drops some, and moves the axes of filters", async () => {
  const tensors = await convert({
    "module.conv1.weight": indices(5, 4, 3, 2),
    "module.conv1.bias": indices(5),
    "module.up.weight": indices(4, 5, 3, 2),
    "teacher.x": indices(1),
  }, {
    tensors: [
      { match: "teacher\\..*", drop: true },
      { match: "module\\.(up\\.weight)", name: "interpolation.$1", layout: "iohw" },
      { match: "module\\.(.*)", name: "interpolation.$1" },
    ],
  });
  equal(Object.keys(tensors).sort(), [
    "interpolation.conv1.bias",
    "interpolation.conv1.weight",
    "interpolation.up.weight",
  ]);
  const at = (name: string, ...[y, x, a, b]: [number, number, number, number]) => {
    const { shape: [, width, second, third], values } = tensors[name]!;
    return values[((y * width! + x) * second! + a) * third! + b];
  };
  // HWIO from OIHW: row 2, column 1, input 3, output 4.
  equal(tensors["interpolation.conv1.weight"]!.shape, [3, 2, 4, 5]);
  equal(at("interpolation.conv1.weight", 2, 1, 3, 4), ((4 * 4 + 3) * 3 + 2) * 2 + 1);
  // HWOI from IOHW: row 2, column 1, output 4, input 3.
  equal(tensors["interpolation.up.weight"]!.shape, [3, 2, 5, 4]);
  equal(at("interpolation.up.weight", 2, 1, 4, 3), ((3 * 5 + 4) * 3 + 2) * 2 + 1);
  equal(tensors["interpolation.conv1.bias"], indices(5));
});

Deno.test("readModelByNames() orders channels, and the outputs before a PixelShuffle", async () => {
  const tensors = await convert({
    "a.weight": indices(1, 1, 2, 8),
    "a.bias": indices(8),
    "b.weight": indices(1, 1, 2, 3),
  }, {
    layout: "hwio",
    tensors: [
      { match: "a\\.(.*)", name: "flow.a.$1", pixelShuffle: 2 },
      { match: "b\\.(.*)", name: "flow.b.$1", outputs: [2, 0, 1], inputs: [1, 0] },
    ],
  });
  // Channel c at the pixel p is output 4c + p in the file, and 2p + c for depthToSpace.
  const order = [0, 4, 1, 5, 2, 6, 3, 7];
  equal([...tensors["flow.a.bias"]!.values], order);
  equal([...tensors["flow.a.weight"]!.values], [...order, ...order.map((index) => 8 + index)]);
  equal([...tensors["flow.b.weight"]!.values], [5, 3, 4, 2, 0, 1]);
});

Deno.test("readModelByNames() keeps a file in TensorFlow's layout as it is", async () => {
  const tensors = await convert({ up: indices(3, 2, 5, 4) }, {
    tensors: [{ match: "up", name: "interpolation.up", layout: "hwoi" }],
  });
  equal(tensors, { "interpolation.up": indices(3, 2, 5, 4) });
});

Deno.test("readModelByNames() refuses tensors without a rule, equal names, and rules that do not suit a tensor", async () => {
  const file = { "a.bias": indices(3), "b.bias": indices(3) };
  const rule = { match: "(.*)", name: "flow.$1" };
  const cases: [object[], RegExp][] = [
    [[{ match: "a.*", name: "flow.a" }], /no rule matches 1 of its tensors \(b\.bias\); add rules, with "drop": true/],
    [[{ match: ".*", name: "flow.one" }], /two tensors become "flow\.one", the second is "b\.bias"/],
    [[{ ...rule, pixelShuffle: 2 }], /"a\.bias": its 3 outputs are no multiple of 4/],
    [[{ ...rule, outputs: [0, 1] }], /"a\.bias": outputs must list 0 to 2 once each/],
    [[{ ...rule, outputs: [0, 1, 1] }], /outputs must list 0 to 2 once each/],
    [[{ ...rule, inputs: [0, 1, 2] }], /inputs are an axis of filters only/],
  ];
  for (const [tensors, message] of cases) {
    await rejects(convert(file, { tensors }), (error) => error instanceof UsageError && message.test(error.message));
  }
  const map = parseNameMap(JSON.stringify({ tensors: [rule] }), "map.json");
  await rejects(readModelByNames(new Uint8Array(9), "x", map, "net"), /x: found a file of 9 bytes .*have no names/);
});

Deno.test("parseNameMap() refuses other files, and names the path within them", () => {
  const cases: [string, RegExp][] = [
    ["{", /map\.json is not JSON/],
    ["{}", /map\.json: tensors: /],
    ['{ "tensors": [{ "match": "(", "drop": true }] }', /map\.json: tensors\.0.*: /],
    ['{ "tensors": [{ "match": "a", "name": "a" }] }', /map\.json: tensors\.0.*: /],
  ];
  for (const [text, message] of cases) throws(() => parseNameMap(text, "map.json"), message, text);
});
