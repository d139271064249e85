import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { type ModelFile, type NamedTensor, UsageError } from "@slomo/core";
import { rifeCheckpoint } from "./import_checkpoint.ts";
import { rifeParameters } from "./network.ts";

const CHANNELS = [8, 6, 4, 4, 2];

/** A checkpoint with places as values, and `beta` of two. */
function checkpoint(change: (shapes: Map<string, readonly number[]>) => void = () => {}): ModelFile {
  const shapes = new Map<string, readonly number[]>([["caltime.0.weight", [8]], ["teacher.conv0.0.0.weight", [1]]]);
  const layer = (name: string, shape: readonly number[], outputs: number) => {
    shapes.set(`${name}.weight`, shape).set(`${name}.bias`, [outputs]);
  };
  layer("encode.cnn0", [16, 3, 3, 3], 16);
  layer("encode.cnn1", [16, 16, 3, 3], 16);
  layer("encode.cnn2", [16, 16, 3, 3], 16);
  layer("encode.cnn3", [16, 4, 4, 4], 4);
  CHANNELS.forEach((count, i) => {
    layer(`block${i}.conv0.0.0`, [count / 2, i === 0 ? 15 : 28, 3, 3], count / 2);
    layer(`block${i}.conv0.1.0`, [count, count / 2, 3, 3], count);
    for (let k = 0; k < 8; k++) {
      layer(`block${i}.convblock.${k}.conv`, [count, count, 3, 3], count);
      shapes.set(`block${i}.convblock.${k}.beta`, [1, count, 1, 1]);
    }
    layer(`block${i}.lastconv.0`, [count, 52, 4, 4], 52);
  });
  change(shapes);
  const tensors = new Map([...shapes].map(([name, shape]) => [`module.${name}`, (): NamedTensor => {
    const size = shape.reduce((a, b) => a * b), isFactor = name.endsWith("beta");
    return { shape, values: Float32Array.from({ length: size }, (_, i) => isFactor ? 2 : i) };
  }]));
  return { format: "torch", location: "flownet.pkl", metadata: {}, precision: "F32", tensors };
}

Deno.test("rifeCheckpoint converts the names, layouts and factors of all tensors", () => {
  const { options, tensors, facts } = rifeCheckpoint.convert(checkpoint())!;
  equal(options, { channels: CHANNELS });
  equal(
    [...tensors].map(([name, { shape }]) => [name, [...shape]]).sort(),
    rifeParameters(CHANNELS).map(({ name, shape }) => [`interpolation.${name}`, [...shape]]).sort(),
  );
  equal([facts.pixelRange, facts.mean, facts.license], [[0, 1], [0, 0, 0], "MIT (Practical-RIFE)"]);
  const get = (name: string) => tensors.get(`interpolation.${name}`)!.values;
  // OIHW [8, 8, 3, 3]: output 3, input 2, row 1, column 2, twice.
  equal(get("block.0.residual.5.weight")[((1 * 3 + 2) * 8 + 2) * 8 + 3], 2 * (((3 * 8 + 2) * 3 + 1) * 3 + 2));
  equal(get("block.0.residual.5.bias")[3], 6);
  // IOHW [8, 52, 4, 4]: input 5, channel 7 at the pixel (1, 0) of the block, row 2, column 1.
  equal(get("block.0.up.weight")[((2 * 4 + 1) * 52 + 1 * 13 + 7) * 8 + 5], ((5 * 52 + 7 * 4 + 1) * 4 + 2) * 4 + 1);
  equal(get("block.0.up.bias")[2 * 13 + 9], 9 * 4 + 2);
});

Deno.test("rifeCheckpoint ignores other files and refuses other versions of RIFE", () => {
  const other: ModelFile = {
    ...checkpoint(),
    tensors: new Map([["conv1.weight", () => ({ shape: [1], values: new Float32Array(1) })]]),
  };
  equal(rifeCheckpoint.convert(other), undefined);
  const refuses = (change: Parameters<typeof checkpoint>[0], message: RegExp) =>
    throws(
      () => rifeCheckpoint.convert(checkpoint(change)),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  refuses(
    (shapes) => shapes.set("block1.conv0.0.0.weight", [3, 20, 3, 3]),
    /is \[3, 20, 3, 3\] and not \[3, 28, 3, 3\].*not RIFE 4\.25/,
  );
  refuses((shapes) => shapes.delete("block4.lastconv.0.bias"), /"block4\.lastconv\.0\.bias" is missing/);
  refuses(
    (shapes) => shapes.set("block2.lastconv.0.weight", [4, 24, 4, 4]),
    /not RIFE 4\.25; use the checkpoint of that/,
  );
});
