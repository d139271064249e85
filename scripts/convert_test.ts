import { deepStrictEqual as equal } from "node:assert/strict";
import type { ParameterSpec } from "@slomo/core";
import { createToolkit } from "@slomo/core/manifest";
import { exists } from "@slomo/downloads";
import { openManifest } from "@slomo/slomo/manifest";
import { openWeights, tensorValues, writeSafetensors, writeWeights } from "@slomo/weights";
import { task, withFolder } from "../tests/_tools.ts";
import { testUnless } from "../tests/_unless.ts";

const WEIGHTS = writeWeights(
  { version: 1, interpolator: { name: "x", options: {} }, pixelRange: [0, 1], mean: [0, 0, 0] },
  new Map([["interpolation.a", { shape: [2], values: new Float32Array([1, 2]) }]]),
  "F32",
);

/** Runs the task on files of a folder; its output names them without the folder. */
async function convert(folder: string, ...args: string[]): Promise<{ code: number; error: string; text: string }> {
  const place = (arg: string) => /\.(st|json)$/.test(arg) ? `${folder}/${arg}` : arg;
  const { code, out, err } = await task("convert", args.map(place)),
    shown = (text: string) => text.replaceAll(`${folder}/`, "");
  return { code, error: shown(err), text: shown(out) };
}

const inFolder = (run: (folder: string) => Promise<void>): Promise<void> =>
  withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/in.st`, WEIGHTS);
    await run(folder);
  });

Deno.test("convert writes a weights file with the given precision and facts", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/facts.json`, '{"license":"CC0"}');
    const { code, text, error } = await convert(folder, "in.st", "out.st", "--half", "--facts", "facts.json");
    equal([code, error], [0, ""]);
    equal(text.startsWith("out.st: 1 tensors, F16, "), true);
    const file = openWeights(await Deno.readFile(`${folder}/out.st`));
    equal(file.facts.license, "CC0");
    equal(file.tensors.get("interpolation.a")!.precision, "F16");
  }));

Deno.test("convert replaces an existing file only with --overwrite", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/out.st`, "mine");
    const { code, error } = await convert(folder, "in.st", "out.st");
    equal([code, error], [2, "slomo: out.st exists; set --overwrite to replace it\n"]);
    equal(await Deno.readTextFile(`${folder}/out.st`), "mine");
    equal((await convert(folder, "in.st", "out.st", "--overwrite")).code, 0);
    openWeights(await Deno.readFile(`${folder}/out.st`));
  }));

Deno.test("convert exits with 2 and one line for usage errors, with 1 for a damaged file, and leaves no files", () =>
  inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/cut.st`, WEIGHTS.slice(0, -1));
    await Deno.writeTextFile(`${folder}/other.st`, "something else");
    const cases: [number, string, string[]][] = [
      [2, "takes IN and OUT", ["in.st"]],
      [2, "no option --quarter", ["in.st", "out.st", "--quarter"]],
      [2, "cannot be combined", ["in.st", "out.st", "--half", "--float32"]],
      [2, "cannot read no.st", ["no.st", "out.st"]],
      [2, "slomo converts these", ["other.st", "out.st"]],
      [2, "facts.json", ["in.st", "out.st", "--facts", "facts.json"]],
      [1, "cut.st is truncated", ["cut.st", "out.st"]],
      [1, "cannot write no/out.st", ["in.st", "no/out.st"]],
    ];
    await Promise.all(cases.map(async ([expected, message, args]) => {
      const { code, error } = await convert(folder, ...args);
      equal([code, error.trimEnd().split("\n").length, error.includes(message)], [expected, 1, true], error);
    }));
    equal([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["cut.st", "in.st", "other.st"]);
  }));

Deno.test("convert --part imports with the parts of that name only", () =>
  inFolder(async (folder) => {
    const checkpoint = new URL("../plugins/flow-backbones/rife/fixtures/small.pt", import.meta.url);
    await Deno.copyFile(checkpoint, `${folder}/rife.st`);
    equal((await convert(folder, "rife.st", "out.st", "--part", "rife", "--half")).code, 0);
    const { facts, tensors } = openWeights(await Deno.readFile(`${folder}/out.st`));
    equal(facts.interpolator, { name: "rife", options: { channels: [8, 8, 6, 4, 4] } });
    equal(tensors.size, 118);
    const other = await convert(folder, "rife.st", "other.st", "--part", "super-slomo");
    equal([other.code, /slomo converts these/.test(other.error), /flownet/.test(other.error)], [2, true, false]);
    const none = await convert(folder, "rife.st", "none.st", "--part", "backward");
    equal(
      [none.code, /cannot import with the part "backward".*super-slomo, rife/.test(none.error)],
      [2, true],
      none.error,
    );
  }));

Deno.test("convert prints its help", () =>
  inFolder(async (folder) => {
    const { code, text } = await convert(folder, "--help");
    equal([code, text.includes("deno task convert IN OUT")], [0, true]);
  }));

const SHIPPED = new URL("../models/slomo-quarter.safetensors", import.meta.url);

Deno.test("convert --width keeps the strongest channels of a trained network, as a start for training", () =>
  inFolder(async (folder) => {
    await Deno.copyFile(SHIPPED, `${folder}/quarter.st`);
    const { code, error } = await convert(folder, "quarter.st", "eighth.st", "--width", "0.125");
    equal([code, error], [0, ""]);
    const quarter = openWeights(await Deno.readFile(`${folder}/quarter.st`));
    const eighth = openWeights(await Deno.readFile(`${folder}/eighth.st`));
    equal(eighth.facts.flowEstimator!.options["width"], 0.125);
    equal(eighth.facts.interpolator!.options["width"], 0.125);
    equal([...eighth.tensors.keys()].sort(), [...quarter.tensors.keys()].sort());
    equal(eighth.tensors.get("interpolation.encoder.0.conv1.weight")!.shape, [7, 7, 16, 4]);
    const refused = await convert(folder, "eighth.st", "quarter2.st", "--width", "0.25");
    equal([refused.code, /has 4 channels, fewer than the 8 of the new width/.test(refused.error)], [2, true]);
    equal((await convert(folder, "in.st", "wide.st", "--width", "0.25")).code, 2);
  }));

Deno.test("convert --map converts a network without an importer, and checks that the part has its tensors", () =>
  inFolder(async (folder) => {
    const at = (name: string) => `${folder}/${name}`, options = { channels: [2, 2, 2, 2, 2] };
    const toolkit = await createToolkit(await openManifest({}));
    const use = { ...toolkit.manifest.use, interpolator: { name: "rife", options } };
    const { interpolator } = await (await createToolkit({ ...toolkit.manifest, use })).networks();
    const write = (specs: readonly ParameterSpec[]) => {
      const tensors = specs.map(({ name, shape: [height, width, input, output] }) => {
        const shape = output === undefined ? [height!] : [output, input!, height!, width!];
        return [`net.${name}`, { shape, values: new Float32Array(shape.reduce((a, b) => a * b)) }] as const;
      });
      return Deno.writeFile(at("net.st"), writeSafetensors(new Map(tensors), {}, "F32"));
    };
    await Deno.writeTextFile(
      at("map.json"),
      JSON.stringify({
        tensors: [{ match: "net\\.(.*)", name: "interpolation.$1" }],
        options: { interpolator: options },
      }),
    );
    await write(interpolator.parameters);
    const { code, error } = await convert(folder, "net.st", "out.st", "--part", "rife", "--map", "map.json", "--half");
    equal([code, error], [0, ""]);
    const { facts, tensors } = openWeights(await Deno.readFile(at("out.st")));
    equal([facts.interpolator, facts.flowEstimator], [{ name: "rife", options }, undefined]);
    equal(tensors.size, interpolator.parameters.length);
    await write(interpolator.parameters.slice(1));
    const lacking = await convert(folder, "net.st", "no.st", "--part", "rife", "--map", "map.json");
    equal([lacking.code, lacking.error.includes(`it lacks interpolation.${interpolator.parameters[0]!.name}`)], [
      2,
      true,
    ]);
    equal(await exists(at("no.st")), false);
    const alone = await convert(folder, "net.st", "no.st", "--map", "map.json");
    equal([alone.code, alone.error], [2, "slomo: --map needs --part: the part that the weights are for\n"]);
  }));

const python = Deno.env.get("SLOMO_PYTHON") ?? "python3";
const lacksNumpy = await new Deno.Command(python, { args: ["-c", "import numpy"], stderr: "null" }).output()
  .then(({ success }) => success ? undefined : `${python} has no numpy`, () => `there is no ${python}`);

testUnless(lacksNumpy, "the Python program of docs/weights.md writes a weights file", () =>
  inFolder(async (folder) => {
    const page = await Deno.readTextFile(new URL("../docs/weights.md", import.meta.url));
    const program = /```python\n([^]*?)```/.exec(page)![1]!;
    const { success, stderr } = await new Deno.Command(python, { args: ["-c", program], cwd: folder }).output();
    equal(success, true, new TextDecoder().decode(stderr));
    const weights = openWeights(await Deno.readFile(`${folder}/mine.safetensors`)), { facts, tensors } = weights;
    equal(facts.interpolator, { name: "my-net", options: { channels: 8 } });
    equal(tensors.get("interpolation.conv.weight")!.shape, [3, 3, 6, 8]);
    // OIHW [8, 6, 3, 3] counted up: output 5, input 4, row 1, column 2.
    const values = tensorValues(weights, tensors.get("interpolation.conv.weight")!);
    equal(values[((1 * 3 + 2) * 6 + 4) * 8 + 5], ((5 * 6 + 4) * 3 + 1) * 3 + 2);
    equal([...tensorValues(weights, tensors.get("interpolation.conv.bias")!)], [0, 1, 2, 3, 4, 5, 6, 7]);
  }));

Deno.test("convert --subtract writes the differences to other weights, of the same networks only", () =>
  inFolder(async (folder) => {
    const write = async (file: string, name: string, values: number[]) => {
      const tensors = new Map([[name, { shape: [2], values: new Float32Array(values) }]]);
      const architecture = { interpolator: { name: "x", options: {} }, pixelRange: [0, 1], mean: [0, 0, 0] } as const;
      await Deno.writeFile(`${folder}/${file}`, writeWeights({ version: 1, ...architecture }, tensors, "F32"));
    };
    await write("tuned.st", "interpolation.a", [1.5, -1]);
    await write("other.st", "interpolation.b", [1, 2]);
    const { code, error } = await convert(folder, "tuned.st", "out.st", "--subtract", "in.st");
    equal([code, error], [0, ""]);
    const file = openWeights(await Deno.readFile(`${folder}/out.st`));
    equal([...file.tensors.keys()], ["interpolation.a.difference"]);
    equal([...tensorValues(file, file.tensors.get("interpolation.a.difference")!)], [0.5, -3]);
    const refused = await convert(folder, "tuned.st", "new.st", "--subtract", "other.st");
    equal([refused.code, refused.error], [
      2,
      'slomo: convert: cannot subtract weights: they have no tensor "interpolation.a" of shape [2]; give the weights that ' +
      "the model was fine-tuned from\n",
    ]);
  }));
