import assert from "node:assert/strict";
import { make, testEachFfmpeg, testFfmpegs, withScratch } from "../_testing.ts";
import { type ProbedFrame, probeFirstFrame } from "./ffprobe.ts";
import { parseShownFrame, showFirstFrame } from "./showinfo.ts";
import { hdrParameters } from "./write/side_data.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;

const HDR = "hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:" +
  "max-cll=1000,400:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,100)";
const CLIPS = {
  "late.mkv": "-f lavfi -i testsrc2=s=64x36:r=25:d=0.2,setpts=PTS+0.4/TB,setsar=4/3 -fps_mode passthrough -c:v ffv1",
  "fields.mkv": "-f lavfi -i testsrc2=s=64x36:r=25:d=0.2,setfield=tff -c:v mpeg2video -flags +ildct+ilme",
  "hdr.mkv":
    `-f lavfi -i testsrc2=s=64x36:r=25:d=0.2 -pix_fmt yuv420p10le -c:v libx265 -x265-params log-level=1:${HDR}`,
};

/** Returns the known properties of a frame that the media handler uses. */
function factsOf(frame: ProbedFrame) {
  const { pts, width, height, pix_fmt, sample_aspect_ratio, interlaced_frame, top_field_first } = frame;
  const { color_range, color_space, color_primaries, color_transfer, side_data_list = [] } = frame;
  const colors = [color_range, color_space, color_primaries, color_transfer].map((name) => name ?? "unknown");
  const fields = interlaced_frame ? top_field_first : "none";
  return [pts, width, height, pix_fmt, sample_aspect_ratio, fields, ...colors, ...hdrParameters(side_data_list)];
}

testEachFfmpeg(ffmpegs, "ffmpeg reports the same properties of the first frame as ffprobe", async (tools) => {
  await withScratch(async ({ path }) => {
    for (const [name, args] of Object.entries(CLIPS)) {
      // Before 5.0, ffmpeg does not print them.
      if (name === "hdr.mkv" && tools.version.avformat[0] < 59) continue;
      await make(own.ffmpeg, `${args} ${path(name)}`);
      const [probed, shown] = [
        await probeFirstFrame(tools, path(name), 0),
        await showFirstFrame(tools, path(name), 0, "matroska"),
      ];
      assert.deepEqual(factsOf(shown!), factsOf(probed!), name);
    }
    await Deno.writeTextFile(path("none.mkv"), "no video");
    assert.equal(await showFirstFrame(tools, path("none.mkv"), 0), undefined);
  });
});

Deno.test("parseShownFrame() omits absent properties", () => {
  const lines = [
    "Input #0, png_pipe, from 'a.png':",
    "[Parsed_showinfo_0 @ 0x7f] n:   0 pts:NOPTS pts_time:NOPTS duration: 1 fmt:rgb24 cl:unspecified sar:0/1 s:64x36 i:P iskey:1",
    "[Parsed_showinfo_0 @ 0x7f] color_range:pc color_space:gbr color_primaries:unknown color_trc:unknown",
    "[Parsed_showinfo_0 @ 0x7f]   side data - Mastering display metadata: has_primaries:0 has_luminance:0",
  ];
  assert.deepEqual(parseShownFrame(lines), {
    width: 64,
    height: 36,
    pix_fmt: "rgb24",
    sample_aspect_ratio: "0:1",
    interlaced_frame: 0,
    top_field_first: 0,
    color_range: "pc",
    color_space: "gbr",
    color_primaries: "unknown",
    color_transfer: "unknown",
    side_data_list: [],
  });
  assert.equal(parseShownFrame(["Conversion failed!"]), undefined);
});
