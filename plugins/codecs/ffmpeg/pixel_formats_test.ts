import assert from "node:assert/strict";
import { testEachFfmpeg, testFfmpegs } from "../_testing.ts";
import { NutReader } from "./nut/reader.ts";
import { bytesOfImage, imageFromBytes } from "./image_bytes.ts";
import { formatName, fourcc, layoutOf, transportOf } from "./pixel_formats.ts";
import { startProcess } from "./process.ts";

const NAMES = [
  ..."yuv410p yuv411p yuv440p yuva420p yuva422p10 yuva444p16 gray gray10 gray12 gray16 gbrp gbrp10 gbrp12 gbrp16 gbrap"
    .split(" "),
  ..."gbrap10 gbrap16 yuv420p yuv420p9 yuv420p10 yuv420p12 yuv420p16 yuv422p yuv422p10 yuv444p yuv444p14 yuv444p16"
    .split(" "),
].map((name) => /\d\d$|p9$/.test(name) ? `${name}le` : name);

Deno.test("formatName() and transportOf() are inverse for planar formats", () => {
  for (const name of NAMES) {
    const { format, converted, lossless } = transportOf(name);
    assert.deepEqual({ name: formatName(format), converted, lossless }, { name, converted: false, lossless: true });
  }
});

Deno.test("transportOf() picks a planar format for packed, paletted and big-endian ones", () => {
  const to = (name: string) => transportOf(name).name;
  assert.deepEqual(
    ["rgb24", "pal8", "nv12", "p010le", "rgb48be", "yuv422p10be", "gray16be", "yuvj420p", "ya8"].map(to),
    [
      "gbrp",
      "gbrap",
      "yuv420p",
      "yuv420p10le",
      "gbrp16le",
      "yuv422p10le",
      "gray16le",
      "yuv420p",
      "gbrap",
    ],
  );
  assert.equal(transportOf("yuvj420p").converted, false);
  assert.equal(transportOf("gray16be").converted, true);
  assert.deepEqual(["gbrpf32le", "yuva444p12le", "xyz12le", "grayf32le"].map((name) => transportOf(name).lossless), [
    false,
    false,
    false,
    false,
  ]);
});

Deno.test("layoutOf() knows packed encoder formats and refuses hardware ones", () => {
  assert.deepEqual(layoutOf("p010le"), { model: "yuv", depth: 10, chroma: [2, 2], alpha: false });
  assert.equal(layoutOf("vaapi_vld"), undefined);
  assert.equal(layoutOf("cuda"), undefined);
});

Deno.test("imageFromBytes() and bytesOfImage() reorder RGB planes without a copy", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4), like = { width: 1, height: 1, color: {} };
  const image = imageFromBytes(bytes, { ...like, format: transportOf("gbrap").format });
  assert.deepEqual(image.planes.map(([value]) => value), [3, 1, 2, 4]);
  assert.deepEqual(bytesOfImage(image).map(([value]) => value), [1, 2, 3, 4]);
  assert.equal(image.planes[0]!.buffer, bytes.buffer);
  const deep = imageFromBytes(Uint8Array.of(1, 2, 3, 0, 5, 0), {
    ...like,
    format: transportOf("yuv420p10le").format,
  });
  assert.deepEqual(deep.planes.map(([value]) => value), [513, 3, 5]);
  assert.throws(() => imageFromBytes(bytes, { ...like, format: deep.format }), RangeError);
});

testEachFfmpeg(await testFfmpegs(), "fourcc() is the tag that ffmpeg writes", async ({ ffmpeg }) => {
  for (const name of NAMES) {
    const child = startProcess(ffmpeg, [
      ..."-nostdin -v error -f lavfi -i color=s=6x4:d=0.04 -c:v rawvideo -pix_fmt".split(" "),
      name,
      "-f",
      "nut",
      "-",
    ]);
    const reader = new NutReader(child.output());
    for await (const { data } of reader.frames()) {
      imageFromBytes(data, { width: 6, height: 4, color: {}, format: transportOf(name).format });
    }
    await child.exit;
    assert.deepEqual(reader.stream?.fourcc, fourcc(transportOf(name).format), name);
  }
});
