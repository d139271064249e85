/** Files from cameras, phones, editors and websites: the output keeps their properties. */
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { ffmpeg, interpolate, pixels, probe, programs, rotate, type Stream, withFolder } from "./_tools.ts";

const VIDEO = ["-f", "lavfi", "-i", "testsrc2=s=128x72:r=24:d=0.25"];
const AUDIO = ["-f", "lavfi", "-i", "sine=d=0.25"];
const X264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p"];

/** Properties of a video stream to compare. */
function shapeOf({ width, height, pix_fmt, color_range, sample_aspect_ratio }: Stream) {
  return [`${width}x${height}`, pix_fmt, color_range ?? "absent", sample_aspect_ratio ?? "absent"];
}

/** Returns the mean difference of the first frames as displayed. */
async function firstDiffers(a: string, b: string): Promise<number> {
  const [x, y] = [await pixels(a, "gray", "-frames:v", "1"), await pixels(b, "gray", "-frames:v", "1")];
  equal(x.length, y.length);
  return x.reduce((sum, value, i) => sum + Math.abs(value - y[i]!), 0) / x.length;
}

async function makeVideos(at: (name: string) => string): Promise<void> {
  await ffmpeg(...VIDEO, ...AUDIO, ...X264, "-c:a", "aac", at("base.mp4"));
  const copy = (name: string, ...options: string[]) => ffmpeg("-i", at("base.mp4"), ...options, at(name));
  for (const turn of [180, 270] as const) await rotate(at("base.mp4"), at(`turned${turn}.mp4`), turn);
  await ffmpeg("-ss", "0.1", "-i", at("base.mp4"), "-c", "copy", at("edited.mp4"));
  await copy("stream.h264", "-map", "0:v", "-c", "copy", "-bsf:v", "h264_mp4toannexb");
  await copy("broadcast.ts", "-c", "copy");
  await copy("timecode.mov", "-c", "copy", "-timecode", "01:00:00:00");
  await ffmpeg(...VIDEO, "-vf", "setsar=64/45", "-c:v", "mpeg2video", at("wide.mkv"));
  await ffmpeg(
    ...VIDEO,
    "-c:v",
    "libx265",
    "-x265-params",
    "log-level=error",
    "-pix_fmt",
    "yuv420p12le",
    at("deep.mkv"),
  );
  await ffmpeg(...VIDEO, "-c:v", "mjpeg", "-pix_fmt", "yuvj422p", at("camera.mov"));
  await ffmpeg(...VIDEO, "-c:v", "libvpx-vp9", "-b:v", "200k", "-pix_fmt", "yuva420p", at("sticker.webm"));
  await ffmpeg(...VIDEO, "-f", "apng", "-plays", "0", at("moving.apng"));
  await ffmpeg(...VIDEO, "-c:v", "ffv1", "-pix_fmt", "gray16le", at("gray.mkv"));
  await ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", at("cover.png"));
  const cover = ["-i", at("cover.png"), "-i", at("base.mp4"), "-map", "0", "-map", "1", "-c", "copy"];
  await ffmpeg(...cover, "-disposition:v:0", "attached_pic", "-disposition:v:1", "default", at("covered.mp4"));
}

Deno.test("unusual videos keep their properties, or a warning names the lost ones", async (t) => {
  await withFolder(async (_, at) => {
    await makeVideos(at);
    const endings: [string, string, RegExp?][] = [
      ["turned180.mp4", "mp4"],
      ["turned270.mp4", "mp4"],
      ["edited.mp4", "mp4"],
      ["stream.h264", "mkv"],
      ["broadcast.ts", "ts"],
      ["wide.mkv", "mkv"],
      ["deep.mkv", "mkv"],
      ["camera.mov", "mov"],
      ["covered.mp4", "mp4"],
      ["timecode.mov", "mov", /data stream 2 \((tmcd|none).*\) is not kept/],
      ["sticker.webm", "webm"],
      ["moving.apng", "mkv", /full-size RGB color is not kept/],
      ["gray.mkv", "mkv", /16 bit is not kept/],
    ];
    const { code, err } = await interpolate([...endings.map(([name]) => at(name)), "--out", at("out")]);
    equal(code, 0, err);
    for (const [name, ending, said] of endings) {
      await t.step(name, async () => {
        const out = at(`out/${name.replace(/\.\w+$/, "")}.${ending}`);
        const [before, after] = [await probe(at(name)), await probe(out)];
        const video = before.streams.find(({ codec_type, disposition }) =>
          codec_type === "video" && !(disposition as Record<string, number>).attached_pic
        )!;
        equal(Number(after.video.nb_read_frames), 2 * Number(video.nb_read_frames));
        equal(after.audio !== undefined, before.audio !== undefined);
        if (said) ok(said.test(err), err);
        // Gray of RGB has other weights than the luma that it is written as.
        if (name !== "moving.apng") ok(await firstDiffers(at(name), out) < 4, name);
        // FFmpeg 9 tags an absent range in Matroska.
        const isRanged = /mkv|webm/.test(ending) && (await programs()).version.avformat[0] >= 63;
        const expected = shapeOf(isRanged ? { color_range: "tv", ...video } : video);
        if (!/turned|apng|gray|covered|timecode/.test(name)) equal(shapeOf(after.video), expected);
      });
    }
    const { streams } = await probe(at("out/covered.mp4"));
    equal(streams.filter(({ codec_type }) => codec_type === "video").map(({ codec_name }) => codec_name).sort(), [
      "h264",
      "png",
    ]);
  });
});

Deno.test("fonts, subtitles in several languages and a second angle: kept in MKV, named in warnings elsewhere", async () => {
  await withFolder(async (_, at) => {
    await Deno.writeTextFile(at("s.srt"), "1\n00:00:00,000 --> 00:00:00,200\nhello\n\n");
    await Deno.writeTextFile(at("a.ttf"), "a font");
    await Deno.writeTextFile(at("b.ttf"), "another");
    await ffmpeg(
      ...[...VIDEO, ...VIDEO, ...AUDIO, "-i", at("s.srt"), "-i", at("s.srt"), "-map", "0", "-map", "1", "-map", "2"],
      ...["-map", "3", "-map", "4", ...X264, "-c:a", "flac", "-c:s", "srt", "-metadata:s:s:0", "language=eng"],
      ...["-metadata:s:s:1", "language=jpn", "-attach", at("a.ttf"), "-attach", at("b.ttf")],
      ...["-metadata:s:t", "mimetype=font/ttf", at("in.mkv")],
    );
    const toMkv = await interpolate([at("in.mkv"), at("out.mkv")]);
    equal(toMkv.code, 0, toMkv.err);
    ok(/video stream 1 \(h264\) is not kept: only one video stream is written/.test(toMkv.err), toMkv.err);
    const kinds = (await probe(at("out.mkv"))).streams.map(({ codec_type, tags }) =>
      `${codec_type} ${(tags as Record<string, string>)?.language ?? ""}`.trim()
    );
    equal(kinds, ["video", "audio", "subtitle eng", "subtitle jpn", "attachment", "attachment"]);
    const toMp4 = await interpolate([at("in.mkv"), at("out.mp4")]);
    equal(toMp4.code, 0, toMp4.err);
    equal(toMp4.err.match(/attachment stream \d .*is not kept/g)?.length, 2, toMp4.err);
    equal(toMp4.err.match(/subtitle stream \d .*is converted to mov_text/g)?.length, 2, toMp4.err);
  });
});
