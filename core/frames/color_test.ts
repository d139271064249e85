import assert from "node:assert/strict";
import type { Color, Image, PixelFormat } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";
import { premultiply, unpremultiply } from "../../engine/pair/frame_arrays.ts";
import { alphaOf, imageToRgb, rgbToImage } from "./color.ts";
import { newPlane, planeSizes } from "./image.ts";
import { colorMeaning } from "./matrix.ts";

const MATRICES = ["bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "bt2020nc", "ycgco"];
const CHROMA: PixelFormat["chroma"][] = [[2, 2], [2, 1], [1, 2], [1, 1], [4, 1], [4, 4]];

function format(model: PixelFormat["model"], depth: number, chroma: PixelFormat["chroma"] = [1, 1], alpha = false) {
  return { model, depth, chroma, alpha };
}

/** Returns an image of noise over all sample values, including colors outside of RGB. */
function noise(width: number, height: number, pixels: PixelFormat, color: Color): Image {
  let state = 12345;
  const planes = planeSizes(width, height, pixels).map(([w, h]) => {
    const plane = newPlane(pixels.depth, w * h);
    for (let i = 0; i < plane.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      plane[i] = state >>> (32 - pixels.depth);
    }
    return plane;
  });
  return { width, height, format: pixels, color, planes };
}

function pixel(pixels: PixelFormat, color: Color, values: number[], height = 1): Image {
  const planes = planeSizes(1, height, pixels).map(([w, h], i) => newPlane(pixels.depth, w * h).fill(values[i]!));
  return { width: 1, height, format: pixels, color, planes };
}

Deno.test("rgbToImage() restores every sample that imageToRgb() converted, for all YUV formats, matrices and ranges", () => {
  for (const depth of [8, 10, 12, 16]) {
    for (const chroma of CHROMA) {
      for (const matrix of MATRICES) {
        for (const range of ["limited", "full"] as const) {
          const image = noise(23, 13, format("yuv", depth, chroma), { matrix, range });
          assert.deepEqual(rgbToImage(imageToRgb(image), image), image, `${depth} ${chroma} ${matrix} ${range}`);
        }
      }
    }
  }
});

Deno.test("rgbToImage() restores every sample of RGB and gray", () => {
  for (const model of ["rgb", "gray"] as const) {
    for (const depth of [8, 9, 14, 16]) {
      for (const color of [{}, { range: "limited" }] as const) {
        const image = noise(23, 13, format(model, depth), color);
        assert.deepEqual(rgbToImage(imageToRgb(image), image), image);
      }
    }
  }
});

Deno.test("rgbToImage() restores alpha, straight and premultiplied", () => {
  for (const model of ["yuv", "rgb", "gray"] as const) {
    const image = noise(9, 5, format(model, 16, [1, 1], true), {});
    const alpha = alphaOf(image)!;
    assert.deepEqual(rgbToImage(imageToRgb(image), image, alpha), image);
  }
  const image = noise(9, 5, format("rgb", 8, [1, 1], true), {});
  image.planes[3]!.fill(200, 0, 44).fill(1, 10, 20);
  const rgb = imageToRgb(image), alpha = alphaOf(image)!;
  premultiply(rgb, alpha);
  assert.ok(Math.abs(rgb[0]! - image.planes[0]![0]! * 200 / 65025) < 1e-6);
  unpremultiply(rgb, alpha);
  assert.deepEqual(rgbToImage(rgb, image, alpha), image);
});

Deno.test("unpremultiply() returns black where alpha is 0", () => {
  const rgb = new Float32Array([0.5, 0.2, 0.1, 1e-9, 1e-9, 1e-9]);
  unpremultiply(rgb, new Float32Array([0, 1e-9]));
  assert.deepEqual([...rgb], [0, 0, 0, 0, 0, 0]);
});

Deno.test("rgbToImage() follows the equations of the standards", () => {
  const red = [1, 0, 0], brown = [0x80, 0x40, 0x20].map((x) => x / 255), white = [1, 1, 1];
  const cases: [number[], number, Color, number[]][] = [
    [red, 8, { matrix: "bt709", range: "limited" }, [63, 102, 240]],
    [red, 8, { matrix: "smpte170m", range: "limited" }, [81, 90, 240]],
    [red, 8, { matrix: "bt470bg", range: "full" }, [76, 85, 255]],
    [red, 8, { matrix: "smpte240m", range: "limited" }, [62, 102, 240]],
    [red, 8, { matrix: "fcc", range: "limited" }, [82, 90, 240]],
    [red, 8, { matrix: "ycgco", range: "full" }, [64, 64, 255]],
    [red, 10, { matrix: "bt2020nc", range: "limited" }, [294, 387, 960]],
    [brown, 8, { matrix: "bt709", range: "limited" }, [81, 108, 157]],
    [white, 8, {}, [235, 128, 128]],
    [white, 10, { range: "full" }, [1023, 512, 512]],
    [white, 12, {}, [3760, 2048, 2048]],
  ];
  for (const [rgb, depth, color, codes] of cases) {
    const image = rgbToImage(new Float32Array(rgb), { width: 1, height: 1, format: format("yuv", depth), color });
    assert.deepEqual(image.planes.map((plane) => plane[0]), codes, `${rgb} ${depth} ${JSON.stringify(color)}`);
  }
});

Deno.test("imageToRgb() converts black, white and gray to their nominal values", () => {
  const read = (
    model: PixelFormat["model"],
    depth: number,
    color: Color,
    values: number[],
  ) => [...imageToRgb(pixel(format(model, depth), color, values))];
  assert.deepEqual(read("yuv", 8, {}, [16, 128, 128]), [0, 0, 0]);
  assert.deepEqual(read("yuv", 8, {}, [235, 128, 128]), [1, 1, 1]);
  assert.deepEqual(read("yuv", 10, { range: "full" }, [1023, 512, 512]), [1, 1, 1]);
  assert.deepEqual(read("rgb", 8, {}, [255, 0, 51]), [...new Float32Array([1, 0, 0.2])]);
  assert.deepEqual(read("rgb", 10, { range: "limited" }, [940, 64, 502]), [1, 0, 0.5]);
  assert.deepEqual(read("gray", 16, {}, [65535]), [1, 1, 1]);
});

Deno.test("imageToRgb() repeats chroma samples and rgbToImage() averages them, also at odd edges", () => {
  const pixels = format("yuv", 8, [2, 2]), color: Color = { matrix: "ycgco", range: "full" };
  const image: Image = {
    width: 3,
    height: 1,
    format: pixels,
    color,
    planes: [new Uint8Array([100, 100, 100]), new Uint8Array([128, 128]), new Uint8Array([148, 108])],
  };
  const red = [...imageToRgb(image)].filter((_, i) => i % 3 === 0).map((value) => Math.round(value * 255));
  assert.deepEqual(red, [120, 120, 80]);
  const rgb = new Float32Array([120, 100, 80, 100, 100, 100, 60, 100, 140].map((value) => value / 255));
  assert.deepEqual(rgbToImage(rgb, image).planes[2], new Uint8Array([138, 88]));
});

Deno.test("rgbToImage() rounds without bias and clips", () => {
  const steps = 10_000, width = steps, height = 1;
  const rgb = Float32Array.from({ length: 3 * steps }, (_, i) => Math.floor(i / 3) / steps);
  const { planes } = rgbToImage(rgb, { width, height, format: format("yuv", 8), color: {} });
  let error = 0;
  planes[0]!.forEach((code, i) => error += (code - 16 - 219 * rgb[3 * i]!) / steps);
  assert.ok(Math.abs(error) < 0.003, `mean error ${error}`);
  assert.ok(planes[1]!.every((code) => code === 128) && planes[2]!.every((code) => code === 128));
  const far = rgbToImage(new Float32Array([9, -9, 9]), { width: 1, height, format: format("rgb", 8), color: {} });
  assert.deepEqual(far.planes.map((plane) => plane[0]), [255, 0, 255]);
});

Deno.test("colorMeaning() guesses the matrix by height and reports it", () => {
  const like = (height: number, color: Color = {}) => ({ width: 1, height, format: format("yuv", 8), color });
  assert.deepEqual(colorMeaning(like(719)), { matrix: "smpte170m", range: "limited", guessed: true });
  assert.deepEqual(colorMeaning(like(720)), { matrix: "bt709", range: "limited", guessed: true });
  const tagged = { matrix: "bt2020nc", range: "full" } as const;
  assert.deepEqual(colorMeaning(like(720, tagged)), { ...tagged, guessed: false });
  assert.deepEqual(colorMeaning({ ...like(1), format: format("rgb", 8) }), {
    matrix: "gbr",
    range: "full",
    guessed: false,
  });
  const rgb = (height: number) => imageToRgb(pixel(format("yuv", 8), {}, [81, 90, 240], height)).slice(0, 3);
  assert.ok(Math.abs(rgb(719)[1]!) < 0.01 && Math.abs(rgb(720)[1]!) > 0.05);
});

Deno.test("colorMeaning() replaces nonlinear and invalid matrices by similar ones and reports it", () => {
  const meaning = (color: Color) => colorMeaning({ width: 1, height: 72, format: format("yuv", 10), color });
  const near = (matrix: string, primaries?: string) => {
    const { matrix: read, guessed } = meaning({ matrix, primaries });
    return [read, guessed];
  };
  assert.deepEqual([near("bt2020c"), near("ictcp"), near("gbr")], [
    ["bt2020nc", true],
    ["bt2020nc", true],
    ["smpte170m", true],
  ]);
  assert.deepEqual([near("chroma-derived-nc", "bt2020"), near("chroma-derived-c", "smpte432")], [
    ["bt2020nc", true],
    ["bt709", true],
  ]);
});

Deno.test("imageToRgb() refuses an unknown matrix and names it", () => {
  assert.throws(
    () => imageToRgb(pixel(format("yuv", 10), { matrix: "strange" }, [1, 1, 1])),
    (error) =>
      error instanceof UsageError && /^color: the matrix must be one of bt709, .*, got strange;/.test(error.message),
  );
});

Deno.test("imageToRgb() fills the given array and refuses wrong sizes", () => {
  const image = noise(4, 2, format("yuv", 8, [2, 2]), {}), out = new Float32Array(24);
  assert.equal(imageToRgb(image, out), out);
  assert.throws(() => imageToRgb(image, new Float32Array(8)), /RangeError: imageToRgb: out must hold 24 values, got 8/);
  assert.throws(() => imageToRgb({ ...image, planes: image.planes.slice(1) }), /yuv needs 3 planes, got 2/);
  const short = [image.planes[0]!, image.planes[1]!, new Uint8Array(3)];
  assert.throws(() => imageToRgb({ ...image, planes: short }), /plane 2 must hold 2 samples of 1 bytes, got 3 of 1/);
  assert.throws(() => rgbToImage(out, { ...image, width: 5 }), /rgb must hold 30 values, got 24/);
  const alpha = { ...image, format: format("yuv", 8, [2, 2], true) };
  assert.throws(() => rgbToImage(out, alpha), /alpha must hold 8 values, got none/);
});

/** Converts frames of a video to RGB and back. */
const CONVERSIONS = `
import { imageToRgb, rgbToImage } from "${import.meta.resolve("./color.ts")}";
const plane = (n) => Uint8Array.from({ length: n }, (_, i) => i * 7 % 256);
const like = { width: 320, height: 180, format: { model: "yuv", depth: 8, chroma: [2, 2], alpha: false }, color: {} };
const image = { ...like, planes: [plane(320 * 180), plane(160 * 90), plane(160 * 90)] }, rgb = imageToRgb(image);
for (let frame = 0; frame < 200; frame++) rgbToImage(imageToRgb(image, rgb), image);
`;

Deno.test("V8 compiles the conversion of rows for good, and makes no objects for samples", async () => {
  const flags = "--v8-flags=--trace-deopt,--trace-gc,--max-semi-space-size=1";
  const args = ["run", "--no-config", flags, "-"];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped", stderr: "inherit" }).spawn();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(CONVERSIONS));
  await input.close();
  const { code, stdout } = await child.output(), text = new TextDecoder().decode(stdout);
  const discarded = text.match(/deoptimizing .*(yuv|rgb|pixels|sums)/gi) ?? [],
    collected = text.match(/Scavenge/g) ?? [];
  assert.equal(code, 0);
  // Some are normal while V8 still learns the types.
  assert(discarded.length <= 10, `discarded ${discarded.length} times`);
  assert(collected.length <= 100, `collected objects ${collected.length} times`);
});
