import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import type { Image } from "@slomo/core";
import { chooseBackend, openPairInterpolator } from "@slomo/engine";
import { fromFileUrl, join } from "@std/path";
import { openToolkit, openWeightsFile } from "../scripts/_toolkit.ts";
import { inRepo, task, withFolder } from "./_tools.ts";
import { testUnless } from "./_unless.ts";

const RUN_MODEL = fromFileUrl(new URL("./export/run_model.py", import.meta.url));

/** Python with onnx, onnxruntime and numpy: `pip install onnx onnxruntime numpy`. */
const PYTHON = Deno.env.get("SLOMO_PYTHON") ?? "python3";

async function run(command: string, args: string[]): Promise<{ code: number; text: string; error: string }> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, text: decode(stdout), error: decode(stderr) };
}

async function runExport(...args: string[]): Promise<{ code: number; text: string; error: string }> {
  const { code, out, err } = await task("export", args);
  return { code, text: out.trim(), error: err.trim() };
}

/** Returns a smooth pattern that moves by 2 pixels per frame. */
function image(frame: number, width: number, height: number): Image {
  const planes = [0, 1, 2].map((c) =>
    Uint16Array.from({ length: width * height }, (_, i) => {
      const x = i % width - 2 * frame, y = Math.floor(i / width);
      return 32768 * (1 + 0.9 * Math.sin(0.2 * x + c) * Math.cos(0.15 * y + x / 40));
    })
  );
  return { width, height, format: { model: "rgb", depth: 16, chroma: [1, 1], alpha: false }, color: {}, planes };
}

const toFloats = ({ planes }: Image) => Float32Array.from(planes.flatMap((plane) => [...plane]), (v) => v / 65535);

async function frameOfWasm(first: Image, second: Image, t: number): Promise<Float32Array> {
  const toolkit = await openToolkit(), weights = await openWeightsFile(toolkit.manifest);
  const { backend } = await chooseBackend("wasm", "interpolate");
  const interpolator = await openPairInterpolator(backend, { toolkit, weights, flowScale: 1 });
  const { images } = await interpolator.run({ first, second, times: [t], details: false });
  await interpolator.dispose();
  return toFloats(images[0]!);
}

const hasPython = await run(PYTHON, ["-c", "import onnx, onnxruntime, numpy"]).then(
  ({ code }) => code === 0,
  () => false,
);

for (const [sizes, size] of [["one size", ["--size", "128x128"]], ["any size", ["--dynamic"]]] as const) {
  testUnless(
    hasPython ? undefined : `${PYTHON} has no onnx, onnxruntime and numpy`,
    `export for ${sizes} passes ONNX's checker, and onnxruntime computes the same image in Python`,
    () =>
      withFolder(async (folder) => {
        const model = join(folder, "m.onnx"), [first, second] = [image(0, 128, 128), image(1, 128, 128)];
        const { code, text, error } = await runExport("--out", model, ...size);
        equal([code, error], [0, ""]);
        const { size: bytes } = await Deno.stat(model),
          weights = await Deno.stat(inRepo("models/slomo-ifnet.safetensors"));
        match(text, /m\.onnx: frames of (128x128|any size), \S+ MiB$/);
        ok(text.includes(`, ${(bytes / 2 ** 20).toFixed(1)} MiB`), text);
        ok(bytes < 1.95 * weights.size, "filters that fit float16 are stored in it");
        await Deno.writeFile(join(folder, "first.f32"), new Uint8Array(toFloats(first).buffer));
        await Deno.writeFile(join(folder, "second.f32"), new Uint8Array(toFloats(second).buffer));
        const python = await run(PYTHON, [RUN_MODEL, model, folder, "128", "128", "0.25"]);
        equal(python.code, 0, python.error);
        equal(JSON.parse(python.text).version, 1);
        const found = new Float32Array((await Deno.readFile(join(folder, "frame.f32"))).buffer);
        const expected = await frameOfWasm(first, second, 0.25);
        equal(found.length, expected.length);
        const far = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
        ok(far < 1e-3, `the images differ by ${far} of the range`);
      }),
  );
}

Deno.test("export rejects unsupported options before it writes", () =>
  withFolder(async (folder) => {
    const out = join(folder, "m.onnx");
    for (
      const [args, message] of [
        [[], /^slomo: export needs --out/],
        [["--out", out, "--size", "0x10"], /--size must be width and height in pixels.*got "0x10"/],
        [["--out", out, "--size", "64x64", "--dynamic"], /cannot be combined/],
        [["--out", out, "--flow-scale", "0.5"], /ties the model to one size; give --size/],
        [["--out", out, "--weights", join(folder, "none")], /cannot read .*: there is no such file/],
      ] as const
    ) {
      const { code, error } = await runExport(...args);
      equal(code, 2);
      match(error, message);
    }
    equal([...Deno.readDirSync(folder)], []);
    await Deno.writeTextFile(out, "mine");
    const { code, error } = await runExport("--out", out);
    equal(code, 2);
    match(error, /m\.onnx exists; set --overwrite/);
    equal(await Deno.readTextFile(out), "mine");
  }));
