import assert from "node:assert/strict";
import { scanSource } from "@slomo/core/sources";
import { findUndocumented } from "./docs.ts";

const OUTPUT = `error[private-type-ref]: public type 'warp' references private type 'Tensor4D'
  --> /x/core/a.ts:13:3
   |
error[private-type-ref]: public type 'Frame["image"]' references private type 'Image'
  --> /x/core/b.ts:1:2

error[missing-jsdoc]: exported symbol is missing JSDoc documentation
 --> /x/core/errors.ts:6:21

error: Found 3 documentation lint errors.
`;

Deno.test("findUndocumented() reports symbols of the repository and ignores types of npm packages", () => {
  const own = scanSource("core/tensors.ts", "export class Tensor4D {}");
  const user = scanSource("core/b.ts", "export interface Image {}");
  const image = `core/b.ts:1:2: public type 'Frame["image"]' references private type 'Image' (docs)`;
  const error = "core/errors.ts:6:21: exported symbol is missing JSDoc documentation (docs)";
  const tensor = "core/a.ts:13:3: public type 'warp' references private type 'Tensor4D' (docs)";
  const using = (text: string) => findUndocumented(OUTPUT, [scanSource("core/a.ts", text), user, own], "/x/");
  assert.deepEqual(using(`import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";`), [image, error]);
  assert.deepEqual(using(`import * as tf from "@tensorflow/tfjs-core";\nlet x: tf.Tensor4D;`), [image, error]);
  assert.deepEqual(using(`import { Tensor4D } from "./tensors.ts";`), [tensor, image, error]);
  assert.deepEqual(findUndocumented(OUTPUT, [user], "/x/"), [image, error]);
  assert.deepEqual(findUndocumented("", [user], "/x/"), []);
});
