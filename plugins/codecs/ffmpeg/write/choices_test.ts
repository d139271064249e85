import assert from "node:assert/strict";
import type { CopyFrom, MediaInfo, MediaReader, PixelFormat } from "@slomo/core";
import { rational } from "@slomo/core/time";
import type { SourceDetails } from "../media_info.ts";
import { chapterText } from "./chapters.ts";
import { containerOf, isWritable } from "./containers.ts";
import { qualityOptions } from "./encoder_options.ts";
import { hdrParameters } from "./side_data.ts";
import { choosePixelFormat } from "./pixel_choice.ts";
import { placed, placeVideo } from "./placement.ts";
import { audioFilter } from "./audio.ts";
import { tempoFilters } from "./tempo.ts";
import { planStreams } from "./streams.ts";

const yuv = (depth: number, x: 1 | 2 | 4, y: 1 | 2 | 4, alpha = false): PixelFormat => ({
  model: "yuv",
  depth,
  chroma: [x, y],
  alpha,
});
const rgb = (depth: number, alpha = false): PixelFormat => ({ model: "rgb", depth, chroma: [1, 1], alpha });
const X264 = {
  name: "libx264",
  takesCrf: true,
  pixelFormats: "yuv420p yuvj420p yuv422p yuv444p nv12 yuv420p10le yuv422p10le yuv444p10le gray gray10le".split(" "),
};
const FFV1 = {
  name: "ffv1",
  takesCrf: false,
  pixelFormats: "yuv420p yuv440p yuv422p yuv411p yuv444p bgr0 bgra gray16le gray gbrp10le gbrp16le gbrap16le".split(
    " ",
  ),
};

Deno.test("choosePixelFormat() keeps supported properties and lists lost ones", () => {
  const choose = (format: PixelFormat, encoder = X264, wide = false) => {
    const choice = choosePixelFormat({ width: 4, height: 4, format, color: {} }, encoder, { wide })!;
    return [choice.name, ...choice.dropped.map(({ what }) => what)];
  };
  assert.deepEqual(choose(yuv(8, 2, 2)), ["yuv420p"]);
  assert.deepEqual(choose(yuv(10, 2, 1)), ["yuv422p10le"]);
  assert.deepEqual(choose(yuv(12, 1, 1)), ["yuv444p10le", "12 bit"]);
  assert.deepEqual(choose(yuv(8, 2, 2, true)), ["yuv420p", "alpha"]);
  assert.deepEqual(choose(rgb(8)), ["yuv420p", "full-size RGB color"]);
  assert.deepEqual(choose(yuv(8, 2, 2), X264, true), ["yuv444p"]);
  for (const [x, y, name] of [[2, 1, "yuv422p"], [1, 2, "yuv440p"], [4, 1, "yuv411p"]] as const) {
    assert.deepEqual(choose(yuv(8, x, y), FFV1), [name]);
  }
  assert.deepEqual([choose(yuv(8, 4, 1)), choose(yuv(8, 1, 2))], [["yuv422p"], ["yuv444p"]]);
  const only420 = { ...X264, pixelFormats: ["yuv420p"] };
  assert.deepEqual(choose(yuv(8, 4, 1), only420), ["yuv420p", "full color resolution"]);
  assert.deepEqual(choose(rgb(8), FFV1), ["bgr0"]);
  assert.deepEqual(choose(rgb(16, true), FFV1), ["gbrap16le"]);
  assert.deepEqual(choose({ model: "gray", depth: 16, chroma: [1, 1], alpha: false }, FFV1), ["gray16le"]);
});

Deno.test("qualityOptions() converts a quality to the scale of each family", () => {
  const of = (name: string, crf?: number) => qualityOptions(name, crf, false).join(" ");
  assert.equal(of("libx264"), "-preset medium -crf 16");
  assert.match(of("libvpx-vp9", 30), /-crf 30 -b:v 0$/);
  assert.equal(of("hevc_nvenc", 20), "-rc vbr -cq 20 -b:v 0");
  assert.equal(of("av1_qsv", 20), "-global_quality 20");
  assert.equal(of("h264_amf", 20), "-rc cqp -qp_i 20 -qp_p 20");
  assert.equal(of("hevc_videotoolbox", 20), "-q:v 60");
  assert.equal(of("prores_ks"), "");
  assert.equal(qualityOptions("libnew", 12, true).join(" "), "-crf 12");
  assert.throws(() => of("prores_ks", 12), { name: "UsageError", message: /has no such quality scale/ });
});

Deno.test("containerOf() chooses by the extension, in upper or lower case", () => {
  assert.equal(containerOf("a.b/C.MP4").name, "mp4");
  assert.deepEqual(["x.mkv", "x.png", "mp4", "x.toString"].map(isWritable), [true, false, false, false]);
});

Deno.test("tempoFilters() uses factors that atempo supports, with an exact product", () => {
  for (const [num, den] of [[4, 1], [5, 2], [3, 1], [2, 1], [16, 1], [3, 2]] as const) {
    const factors = tempoFilters(rational(num, den)).map((filter) => Number(filter.replace("atempo=", "")));
    assert.ok(factors.every((factor) => factor >= 0.5 && factor <= 2), `${factors}`);
    assert.ok(Math.abs(factors.reduce((a, b) => a * b, 1) - den / num) < 1e-9);
  }
  assert.deepEqual(tempoFilters(rational(1)), []);
});

const mediaInfo = (container: string): MediaInfo => ({
  location: "a",
  container,
  video: {
    ...{ index: 0, codec: "h264", width: 4, height: 4, format: yuv(8, 2, 2), color: {}, timebase: rational(1, 24) },
    ...{ start: rational(5), rate: rational(24), constantRate: true, rotation: 0, sampleAspect: rational(1) },
    fieldOrder: "progressive",
  },
  streams: [],
  chapters: 0,
  notes: [],
});
const copy = (container: string, start?: number) => ({
  source: { info: mediaInfo(container) } as MediaReader,
  start: start === undefined ? undefined : rational(start),
  end: undefined,
  audio: "keep" as const,
  slowdown: rational(2),
});
const SOUND = {
  index: 1,
  codec_type: "audio",
  time_base: "1/48000",
  start_pts: 4 * 48000,
  duration_ts: 3 * 48000,
  sample_rate: "48000",
};

Deno.test("placeVideo() moves a late start to 0 unless the container's start time is exact", () => {
  const place = (container: string, start?: number) =>
    placeVideo(rational(5), rational(1, 24), copy(container, start), [SOUND]);
  assert.deepEqual(place("matroska").origin, rational(4));
  assert.deepEqual(place("mp4").origin, rational(0));
  assert.deepEqual(place("mp4", 1).origin, rational(5));
  assert.deepEqual(placed(place("matroska"), rational(6)), rational(3));
  assert.deepEqual(placeVideo(rational(-1, 3), rational(1, 24), undefined, []).origin, rational(-1, 3));
});

Deno.test("audioFilter() trims, stretches, pads and places audio", () => {
  const placement = placeVideo(rational(5), rational(1, 24), copy("mp4", 1), [SOUND]);
  assert.equal(
    audioFilter(SOUND, placement, true),
    "aresample=async=1,atrim=start=5.000000:end=7.202500,asetpts=PTS-STARTPTS,apad=pad_len=9600,atempo=0.500000000000," +
      "apad=whole_len=192000,atrim=end_sample=192000,asetpts=N/SR/TB+0.000000/TB",
  );
});

Deno.test("hdrParameters() returns parameters for x265, or nothing", () => {
  const point = {
    red_x: "34000/50000",
    red_y: "16000/50000",
    green_x: "13250/50000",
    green_y: "34500/50000",
    blue_x: "7500/50000",
    blue_y: "3000/50000",
  };
  const light = {
    white_point_x: "15635/50000",
    white_point_y: "16450/50000",
    min_luminance: "1/10000",
    max_luminance: "10000000/10000",
  };
  const display = { side_data_type: "Mastering display metadata", ...point, ...light };
  assert.deepEqual(
    hdrParameters([display, { side_data_type: "Content light level metadata", max_content: 1000, max_average: 400 }])
      .slice(2),
    [
      "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)",
      "max-cll=1000,400",
    ],
  );
  assert.deepEqual(hdrParameters([]), []);
});

Deno.test("chapterText() moves and clips chapters and escapes their titles", () => {
  const chapter = (start: number, end: number, title: string) => ({ time_base: "1/1", start, end, tags: { title } });
  const placement = { ...placeVideo(rational(5), rational(1, 24), copy("mp4", 1), []), to: rational(9) };
  const text = chapterText([chapter(0, 4, "before"), chapter(4, 7, "a=b;#"), chapter(7, 20, "long")], placement);
  assert.deepEqual(text.match(/(START|END|title)=.*/g), [
    "START=0",
    "END=4000000",
    "title=a\\=b\\;\\#",
    "START=4000000",
    "END=8000000",
    "title=long",
  ]);
});

Deno.test("planStreams() copies DVB subtitles to MPEG-TS and drops others", () => {
  const subtitle = (index: number, codec_name: string) => ({ index, codec_type: "subtitle", codec_name });
  const streams = [subtitle(1, "dvb_subtitle"), subtitle(2, "dvb_teletext"), subtitle(3, "subrip")];
  const copy = { audio: "keep", slowdown: rational(1) } as CopyFrom;
  const { copies, dropped } = planStreams(
    containerOf("o.ts"),
    { streams, chapters: [] } as unknown as SourceDetails,
    copy,
    0,
  );
  assert.deepEqual(copies.map(({ stream, codec }) => [stream.index, codec]), [[1, "copy"], [2, "copy"]]);
  assert.deepEqual(dropped, [{ what: "subtitle stream 3 (subrip)", why: "mpegts supports DVB subtitles only" }]);
});
