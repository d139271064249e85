import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { JobError, UsageError } from "../../../core/errors.ts";
import { readTorchFile, type TorchTensor } from "./torch_file.ts";

const file = (name: string) => Deno.readFile(new URL(`../fixtures/${name}`, import.meta.url));

for (const name of ["new.pt", "legacy.pt"]) {
  Deno.test(`readTorchFile() reads dictionaries and tensors of ${name} and omits the rest`, async () => {
    const root = readTorchFile(await file(name), name);
    equal([...root.keys()], ["state"]);
    const state = root.get("state") as ReadonlyMap<string, TorchTensor>;
    const read = (key: string) => {
      const { shape, values } = state.get(key)!.read();
      return [shape, [...values]];
    };
    equal(read("plain"), [[2, 3], [0, 1, 2, 3, 4, 5]]);
    equal(read("turned"), [[3, 2], [0, 3, 1, 4, 2, 5]]);
    equal(read("part"), [[3], [4, 5, 6]]);
    equal(read("half"), [[2], [0.5, -2]]);
    equal(read("double"), [[1], [0.25]]);
    equal(read("bfloat"), [[2], [1.5, -3]]);
    equal(read("parameter"), [[1], [7]]);
    throws(
      () => state.get("whole")!.read(),
      (error) => error instanceof UsageError && /type Long/.test(error.message),
    );
  });

  Deno.test(`readTorchFile() reports that ${name} is truncated at any length`, async () => {
    const bytes = await file(name);
    for (let length = 20; length < bytes.length; length += 97) {
      throws(
        () => {
          const state = readTorchFile(bytes.slice(0, length), name).get("state") as ReadonlyMap<string, TorchTensor>;
          for (const [key, tensor] of state) if (key !== "whole") tensor.read();
        },
        (error) => error instanceof JobError || error instanceof UsageError,
        `${length} bytes`,
      );
    }
  });
}
