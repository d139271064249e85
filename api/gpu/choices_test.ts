import { deepStrictEqual as equal } from "node:assert/strict";
import type { ChoiceKey, DeviceChoice } from "@slomo/engine";
import { list, withFolder } from "../../tests/_tools.ts";
import { storedChoices } from "./choices.ts";

const KEY: ChoiceKey = {
  ...{ adapter: "GPU", vendor: "1", driver: "a", model: "b", size: "640×360", flowScale: 1, precision: "float32" },
  ...{ threads: 2, candidates: "onnx webgpu", version: "1" },
};
const CHOICE: DeviceChoice = {
  key: KEY,
  networks: "slomo-half.safetensors",
  results: [
    { backend: "onnx", device: "cuda", failure: "it is missing" },
    {
      ...{ backend: "onnx", device: "webgpu", difference: { largest: 0.1, mean: 0.01 } },
      milliseconds: { device: 1.5, cpu: 20 },
    },
  ],
  isChosen: true,
};

Deno.test("storedChoices() remembers choices across processes, by all that they depend on", async () => {
  await withFolder(async (folder) => {
    await storedChoices(folder).write(CHOICE);
    const choices = storedChoices(folder), reversed = Object.fromEntries(Object.entries(KEY).reverse());
    equal(await choices.read(KEY), CHOICE);
    equal(await choices.read(reversed as unknown as ChoiceKey), CHOICE);
    equal(await choices.read({ ...KEY, driver: "b" }), undefined);
    await choices.write({ ...CHOICE, isChosen: false });
    equal(await choices.list(), [{ ...CHOICE, isChosen: false }]);
    equal((await list(folder)).length, 1, "no partial files");
    await choices.clear();
    equal([await choices.list(), await list(folder)], [[], []]);
  });
});

Deno.test("storedChoices() ignores and replaces damaged files", async () => {
  await withFolder(async (folder, at) => {
    const choices = storedChoices(folder);
    await choices.write(CHOICE);
    const [name] = await list(folder);
    for (const text of ["", "{", '{"key":{}}', JSON.stringify({ ...CHOICE, results: [] })]) {
      await Deno.writeTextFile(at(name!), text);
      equal([await choices.read(KEY), await choices.list()], [undefined, []]);
    }
    await choices.write(CHOICE);
    equal(await choices.read(KEY), CHOICE);
  });
});

Deno.test("storedChoices() keeps the latest choices, and works without write access", async () => {
  await withFolder(async (folder, at) => {
    const choices = storedChoices(folder);
    for (let i = 0; i < 70; i++) await choices.write({ ...CHOICE, key: { ...KEY, threads: i } });
    equal((await list(folder)).length, 64);
    equal((await choices.read({ ...KEY, threads: 69 }))?.key.threads, 69);
    await Deno.writeTextFile(at("file"), "");
    const nowhere = storedChoices(at("file"));
    await nowhere.write(CHOICE);
    await nowhere.clear();
    equal([await nowhere.read(KEY), await nowhere.list()], [undefined, []]);
  });
});
