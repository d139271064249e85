import { deepStrictEqual as equal, rejects, throws } from "node:assert/strict";
import { JobError, UsageError } from "../../core/errors.ts";
import backbones from "../../plugins/flow-backbones/mod.ts";
import { openWeights, writeWeights } from "../weights_file.ts";
import { writeSafetensors } from "../write_safetensors.ts";
import { overlayFacts, parseOverlay } from "./overlay.ts";
import { type ConvertedModel, readModel as readModelOf } from "./mod.ts";

const readModel = (bytes: Uint8Array, location: string): Promise<ConvertedModel> =>
  readModelOf(bytes, location, backbones.provides);

const TWIN = {
  format: "slomo-pytorch-twin",
  architecture: "super-slomo",
  layout: "OIHW",
  width: "0.5",
  kernels: "7,5,3,3,3,3",
  leakyReluAlpha: "0.1",
  flowScale: "20",
  flowLevels: "0.25,0.5,1",
  upsampling: "bilinear x2 half-pixel",
  interpolationInput: "I0,I1,g(I0,Ft0),g(I1,Ft1),Ft0/flowScale,Ft1/flowScale",
  interpolationOutput: "dFt0,dFt1 (times flowScale),logit V(t<-0)",
  pixelRange: "0,1",
  mean: "0",
};
const TENSORS = new Map([
  ["flow.output.weight", { shape: [2, 1, 1, 3], values: new Float32Array([1, 2, 3, 4, 5, 6]) }],
  ["flow.output.bias", { shape: [2], values: new Float32Array([7, 8]) }],
]);

Deno.test("readModel() reads the PyTorch twin's weights: options, filters in HWIO, precision", async () => {
  for (const precision of ["F16", "F32"] as const) {
    const model = await readModel(writeSafetensors(TENSORS, TWIN, precision), "t.st");
    equal(model.precision, precision);
    equal(model.facts, {
      version: 1,
      flowEstimator: {
        name: "super-slomo",
        options: {
          width: 0.5,
          firstKernel: 7,
          secondKernel: 5,
          flowScale: 20,
          flowActivation: "linear",
          flowLevels: [0.25, 0.5, 1],
        },
      },
      interpolator: {
        name: "super-slomo",
        options: {
          width: 0.5,
          firstKernel: 7,
          secondKernel: 5,
          flowScale: 20,
          flowActivation: "linear",
          interpolationInput: "paper",
        },
      },
      pixelRange: [0, 1],
      mean: [0, 0, 0],
    });
    equal(model.tensors.get("flow.output.weight"), {
      shape: [1, 3, 1, 2],
      values: new Float32Array([1, 4, 2, 5, 3, 6]),
    });
    equal(model.tensors.get("flow.output.bias"), TENSORS.get("flow.output.bias"));
  }
});

Deno.test("readModel() rejects a network of the PyTorch twin that slomo cannot compute, naming key and value", async () => {
  for (
    const [key, value] of [["mean", "0.4"], ["kernels", "7,5,3,3,3,5"], ["layout", "HWIO"], ["width", "wide"]] as const
  ) {
    await rejects(readModel(writeSafetensors(TENSORS, { ...TWIN, [key]: value }, "F16"), "t.st"), (error) => {
      equal(error instanceof UsageError, true);
      equal((error as Error).message.startsWith(`t.st: its metadata says ${key} "${value}"`), true, `${error}`);
      return true;
    });
  }
});

Deno.test("readModel() reads what writeWeights() wrote", async () => {
  const { facts, tensors } = await readModel(writeSafetensors(TENSORS, TWIN, "F16"), "t.st");
  const again = await readModel(writeWeights(facts, tensors, "F32"), "w.st");
  equal(again.facts, facts);
  equal(again.precision, "F32");
  equal(new Map([...again.tensors].sort()), new Map([...tensors].sort()));
});

Deno.test("readModel() reports the format it found and the formats it converts", async () => {
  const says = (bytes: Uint8Array, found: string) =>
    rejects(readModel(bytes, "m"), (error) => {
      equal(error instanceof UsageError, true);
      const { message } = error as Error;
      equal(message.startsWith(`m: found ${found}; slomo converts these: slomo's own weights`), true, message);
      equal(message.includes("slomo-pytorch-twin"), true);
      return true;
    });
  await says(new Uint8Array(0), "an empty file");
  await says(
    new TextEncoder().encode("RIFF and so on"),
    "a file of 14 bytes that begins with 52 49 46 46 20 61 6e 64",
  );
  await says(writeSafetensors(TENSORS, { format: "pt" }, "F32"), 'a safetensors file with format "pt"');
  await says(writeSafetensors(TENSORS, {}, "F32"), "a safetensors file with no metadata");
});

Deno.test("readModel() reports a truncated file of a known format", async () => {
  const twin = writeSafetensors(TENSORS, TWIN, "F32");
  await rejects(readModel(twin.slice(0, -1), "t.st"), JobError);
});

Deno.test("overlayFacts() sets options, training and license and keeps the rest", async () => {
  const model = await readModel(writeSafetensors(TENSORS, TWIN, "F16"), "t.st");
  const overlay = parseOverlay('{"flowEstimator":{"options":{"flowLevels":[1]}},"license":"MIT"}', "f.json");
  const { facts } = openWeights(writeWeights(overlayFacts(model.facts, overlay), model.tensors, "F16"));
  equal(facts.flowEstimator!.options, { ...model.facts.flowEstimator!.options, flowLevels: [1] });
  equal(facts.interpolator, model.facts.interpolator);
  equal(facts.license, "MIT");
});

Deno.test("parseOverlay() rejects invalid overlays", () => {
  throws(() => parseOverlay("{", "f.json"), /f\.json is not JSON/);
  throws(() => parseOverlay('{"license":3}', "f.json"), /f\.json: license: /);
  throws(() => parseOverlay('{"licences":"MIT"}', "f.json"), UsageError);
});
