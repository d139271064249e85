import assert from "node:assert/strict";
import { docOffences, entriesOf, packagesOf } from "./docs.ts";

const OUTPUT = `error[private-type-ref]: public type 'warp' references private type 'Tensor4D'
  --> /x/core/a.ts:13:3
   |
error[private-type-ref]: public type 'Frame["image"]' references private type 'Image'
  --> /x/core/b.ts:1:2

error[missing-jsdoc]: exported symbol is missing JSDoc documentation
 --> /x/core/errors.ts:6:21

error: Found 3 documentation lint errors.
`;

Deno.test("docOffences() keeps what is ours and drops types of npm packages", () => {
  const own = { path: "core/tensors.ts", text: "export class Tensor4D {}" };
  const user = { path: "core/b.ts", text: "export interface Image {}" };
  const image = `core/b.ts:1:2: public type 'Frame["image"]' references private type 'Image' (docs)`;
  const error = "core/errors.ts:6:21: exported symbol is missing JSDoc documentation (docs)";
  const tensor = "core/a.ts:13:3: public type 'warp' references private type 'Tensor4D' (docs)";
  const using = (text: string) => docOffences(OUTPUT, [{ path: "core/a.ts", text }, user, own], "/x/");
  assert.deepEqual(using(`import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";`), [image, error]);
  assert.deepEqual(using(`import * as tf from "@tensorflow/tfjs-core";\nlet x: tf.Tensor4D;`), [image, error]);
  assert.deepEqual(using(`import { Tensor4D } from "./tensors.ts";`), [tensor, image, error]);
  assert.deepEqual(docOffences(OUTPUT, [user], "/x/"), [image, error]);
  assert.deepEqual(docOffences("", [user], "/x/"), []);
});

Deno.test("entriesOf() and packagesOf() read both forms of a configuration", () => {
  assert.deepEqual(entriesOf(`{ "exports": "./mod.ts" }`), ["./mod.ts"]);
  assert.deepEqual(entriesOf(`{ "exports": { ".": "./mod.ts", "./ops": "./ops/mod.ts" } }`), [
    "./mod.ts",
    "./ops/mod.ts",
  ]);
  assert.deepEqual(packagesOf(`{ "workspace": ["./core"] }`), [".", "./core"]);
});
