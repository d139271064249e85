import assert from "node:assert/strict";
import { make, testEachFfmpeg, testFfmpegs, withScratch } from "../_testing.ts";
import { ffmpegMedia } from "./media.ts";
import { cropOf } from "./crop.ts";
import { probeFile, probeFirstFrame } from "./ffprobe.ts";
import { describeMedia } from "./media_info.ts";
import { transportOf } from "./pixel_formats.ts";
import { readFrames } from "./read.ts";

const ffmpegs = await testFfmpegs();
const [own] = ffmpegs;
const shown = (left: number, top: number, width: number, height: number) => ({
  ...{ side_data_type: "Frame Cropping", crop_left: left, crop_top: top },
  ...{ crop_right: 72 - left - width, crop_bottom: 58 - top - height },
});

Deno.test("cropOf() keeps whole chroma samples and the field order", () => {
  const of = (data: ReturnType<typeof shown>, isInterlaced: boolean) =>
    cropOf(
      { index: 0, side_data_list: [data] },
      { width: 72, height: 58 },
      transportOf("yuv420p").format,
      isInterlaced,
    );
  assert.deepEqual(of(shown(9, 7, 56, 48), false), { left: 8, top: 6, width: 56, height: 48 });
  assert.deepEqual(of(shown(9, 7, 56, 48), true), { left: 8, top: 4, width: 56, height: 48 });
  assert.deepEqual([of(shown(0, 0, 72, 58), false), of(shown(40, 0, 0, 58), false)], [undefined, undefined]);
});

/** Puts a clean aperture of 56×48 into an mp4 of H.264. */
function withAperture(video: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder("latin1").decode(video), entry = text.indexOf("avc1", text.indexOf("stsd")) - 4;
  const size = (at: number) => new DataView(video.buffer, video.byteOffset).getUint32(at);
  const end = entry + size(entry), out = new Uint8Array(video.length + 40), view = new DataView(out.buffer);
  out.set(video.subarray(0, end));
  out.set(video.subarray(end), end + 40);
  [40, 0x636c6170, 56, 1, 48, 1, 0, 1, 0, 1].forEach((value, i) => view.setUint32(end + 4 * i, value));
  for (const box of ["stsd", "stbl", "minf", "mdia", "trak", "moov"]) {
    const at = text.lastIndexOf(box, entry) - 4;
    view.setUint32(at, size(at) + 40);
  }
  view.setUint32(entry, size(entry) + 40);
  return out;
}

testEachFfmpeg(
  ffmpegs,
  "a container's crop is applied if ffprobe reports it, and never otherwise",
  async (tools) => {
    await withScratch(async ({ path }) => {
      const ramp = "-f lavfi -i nullsrc=s=72x58:r=8:d=0.4,format=yuv420p,geq=2*X+Y:128:128";
      await make(own!.ffmpeg, `${ramp} -c:v libx264 -qp 0 ${path("a.mp4")}`);
      await Deno.writeFile(path("clap.mp4"), withAperture(await Deno.readFile(path("a.mp4"))));
      const codec = ffmpegMedia({ ffmpeg: tools.ffmpeg }), reader = await codec.source!.open(path("clap.mp4"));
      const read = await Array.fromAsync(reader.frames());
      assert.deepEqual([read.length, read[0]!.image.width], [4, reader.info.video.width]);

      const file = await probeFile(tools, path("a.mp4")), frame = await probeFirstFrame(tools, path("a.mp4"), 0);
      const stream = { ...file.streams[0]!, side_data_list: [shown(8, 6, 56, 48)] };
      const { info, details } = describeMedia(path("a.mp4"), { file, stream, frame });
      assert.match(info.notes.join(), /56×48/);
      for await (const { image } of readFrames(tools, info, details, {})) {
        assert.deepEqual([image.width, image.height], [56, 48]);
        assert.equal(image.planes[0]![0], 2 * 8 + 6);
      }
    });
  },
);
