/** End-to-end tests of known problems of other tools; frames are only blended. */
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { testCases } from "./_more.ts";
import {
  ffmpeg,
  interpolate,
  interpolateWithModel,
  list,
  makeBase,
  pixels,
  probe,
  programs,
  rotate,
  type Stream,
  withFolder,
} from "./_tools.ts";

const source = (size: string, options: string) => ["-f", "lavfi", "-i", `testsrc2=s=${size}:${options}`];
const X264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p"];

async function run(args: readonly string[], by = interpolate): Promise<string> {
  const { code, err } = await by(args);
  equal(code, 0, err);
  return err;
}

const tagsOf = ({ color_range, color_space, color_transfer, color_primaries }: Stream) =>
  [color_range, color_space, color_transfer, color_primaries].map((tag) => tag ?? "absent");
const startOf = (stream: Stream | undefined) => Number(stream!.start_time);

const LATE = "streams that start late keep all frames and stay in sync";
testCases(LATE, ["off.mkv", "late.mp4"], ["off.ts"], async (t, names) => {
  await withFolder(async (_, at) => {
    const base = await makeBase(at("base.mp4"));
    await ffmpeg("-i", base, "-c", "copy", "-output_ts_offset", "5", at("off.mkv"));
    await ffmpeg("-i", base, "-c", "copy", "-muxdelay", "0", "-output_ts_offset", "3600", at("off.ts"));
    await ffmpeg(
      "-i",
      base,
      "-itsoffset",
      "0.5",
      "-i",
      base,
      "-map",
      "0:v",
      "-map",
      "1:a",
      "-c",
      "copy",
      at("late.mp4"),
    );
    for (const name of names) {
      await t.step(name, async () => {
        await run([at(name), at(`${name}.out.mp4`), "--factor", "2"]);
        const [before, after] = [await probe(at(name)), await probe(at(`${name}.out.mp4`))];
        equal(Number(after.video.nb_read_frames), 192);
        ok(Math.abs(Number(after.video.duration) - 4.004) < 0.03, `${after.video.duration} s`);
        const delay = startOf(before.audio) - startOf(before.video);
        ok(Math.abs(startOf(after.audio) - startOf(after.video) - delay) < 0.02, "the audio offset changed");
      });
    }
  });
});

Deno.test("audio that is longer than the video keeps its length", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg(...source("64x36", "r=25:d=2"), "-f", "lavfi", "-i", "sine=d=3", ...X264, "-c:a", "aac", at("in.mp4"));
    await run([at("in.mp4"), at("out.mp4")]);
    ok(Math.abs(Number((await probe(at("out.mp4"))).audio!.duration) - 3) < 0.05);
  });
});

Deno.test("color: a constant image keeps its exact values, and color tags are kept", async (t) => {
  await withFolder(async (_, at) => {
    const tags = (matrix: string) => ["-colorspace", matrix, "-color_primaries", matrix, "-color_trc", matrix];
    const brown = ["-f", "lavfi", "-i", "color=c=0x804020:s=64x64:r=24:d=0.25"];
    const videos: [string, string[]][] = [
      ["bt709", [
        ...brown,
        "-vf",
        "scale=out_color_matrix=bt709,format=yuv420p",
        ...tags("bt709"),
        "-color_range",
        "tv",
      ]],
      ["bt601", [...brown, "-vf", "scale=out_color_matrix=bt601,format=yuv420p", ...tags("smpte170m")]],
      ["partly", [...brown, "-vf", "scale=out_color_matrix=bt709,format=yuv420p", "-colorspace", "bt709"]],
      ["untagged", [...brown, "-pix_fmt", "yuv420p"]],
    ];
    for (const [name, options] of videos) {
      await t.step(name, async () => {
        await ffmpeg(...options, "-c:v", "libx264", "-qp", "0", at(`${name}.mp4`));
        await run([at(`${name}.mp4`), at(`${name}.out.mp4`), "--factor", "2"], interpolateWithModel);
        equal(tagsOf((await probe(at(`${name}.out.mp4`))).video), tagsOf((await probe(at(`${name}.mp4`))).video));
        const [before, after] = [
          await pixels(at(`${name}.mp4`), "yuv420p"),
          await pixels(at(`${name}.out.mp4`), "yuv420p"),
        ];
        equal(after.length, 2 * before.length);
        after.forEach((value, i) => ok(Math.abs(value - before[i % before.length]!) <= 1));
      });
    }
  });
});

Deno.test("10 bit HDR stays 10 bit and HDR, with its mastering display", async () => {
  await withFolder(async (_, at) => {
    const facts = "hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400";
    const display = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)";
    await ffmpeg(
      ...[...source("128x72", "r=24:d=0.5"), "-vf"],
      "format=yuv420p10le,setparams=range=tv:color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc",
      ...["-c:v", "libx265", "-x265-params", `log-level=error:${facts}:${display}`, at("in.mkv")],
    );
    await run([at("in.mkv"), at("out.mkv")]);
    const { video } = await probe(at("out.mkv"));
    equal([video.pix_fmt, ...tagsOf(video)], ["yuv420p10le", "tv", "bt2020nc", "smpte2084", "bt2020"]);
    const { stdout } = await new Deno.Command((await programs()).ffprobe, {
      args: ["-v", "error", "-read_intervals", "%+#1", "-show_entries", "frame_side_data_list", at("out.mkv")],
    }).output();
    const shown = new TextDecoder().decode(stdout);
    ok(/max_luminance=10000000/.test(shown) && /max_content=1000/.test(shown), shown);
  });
});

testCases("odd and tiny sizes are kept", ["1x1", "31x71"], ["127x71", "2x2", "31x200"], async (t, sizes) => {
  await withFolder(async (_, at) => {
    for (const size of sizes) {
      await t.step(size, async () => {
        const crop = `format=yuv444p,crop=${size.replace("x", ":")}:exact=1`;
        await ffmpeg(...source("200x200", "r=24:d=0.2"), "-vf", crop, "-c:v", "ffv1", at(`${size}.mkv`));
        for (const [ending, options] of [["mkv", ["--codec", "ffv1"]], ["mp4", []]] as const) {
          await run([at(`${size}.mkv`), at(`${size}.out.${ending}`), ...options]);
          const { video } = await probe(at(`${size}.out.${ending}`));
          equal(`${video.width}x${video.height}`, size);
        }
        await run([at(`${size}.mkv`), at(`${size}.model.mkv`), "--codec", "ffv1"], interpolateWithModel);
        equal(Number((await probe(at(`${size}.model.mkv`))).video.nb_read_frames), 10);
      });
    }
  });
});

Deno.test("a rotated video is shown upright: its frames are rotated, or the output has a display matrix", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg(...source("128x72", "r=24:d=0.25"), ...X264, at("in.mp4"));
    await rotate(at("in.mp4"), at("rot.mp4"), 90);
    for (const ending of ["mp4", "mkv"]) {
      await run([at("rot.mp4"), at(`out.${ending}`)]);
      const size = 72 * 128,
        shown = await pixels(at(`out.${ending}`), "gray"),
        expected = await pixels(at("rot.mp4"), "gray");
      equal(shown.length, 12 * size);
      const error = expected.subarray(0, size).reduce((sum, value, i) => sum + Math.abs(value - shown[i]!), 0) / size;
      ok(error < 3, `${ending}: off by ${error} intensity levels`);
    }
  });
});

Deno.test("alpha is interpolated too, and 16 bit stays 16 bit", async () => {
  await withFolder(async (_, at) => {
    await Deno.mkdir(at("rgba"));
    const band = "format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='255*lt(abs(X-20-N*4),8)'";
    await ffmpeg(...source("64x36", "r=8:d=0.5"), "-vf", band, at("rgba/rgba_%02d.png"));
    await run([at("rgba"), at("rgba_out")]);
    equal((await probe(at("rgba_out/00002.png"))).video.pix_fmt, "rgba");
    const alphaOf = async (name: string) => (await pixels(at(name), "rgba")).filter((_, i) => i % 4 === 3);
    const [first, made, second] = [
      await alphaOf("rgba_out/00001.png"),
      await alphaOf("rgba_out/00002.png"),
      await alphaOf("rgba_out/00003.png"),
    ];
    made.forEach((value, i) => ok(Math.abs(value - (first[i]! + second[i]!) / 2) <= 1));

    await Deno.mkdir(at("g16"));
    await ffmpeg(
      "-f",
      "lavfi",
      "-i",
      "nullsrc=s=256x4:r=8:d=0.5,format=gray16le,geq=lum='X*257+N*8'",
      "-pix_fmt",
      "rgb48be",
      at("g16/g_%02d.png"),
    );
    await run([at("g16"), at("g16_out")]);
    const deep = new Uint16Array((await pixels(at("g16_out/00002.png"), "rgb48le")).buffer);
    for (let x = 0; x < 255; x++) equal(deep[3 * x], 257 * x + 4);
  });
});

Deno.test("image sequences: gaps cause a warning, the order is by number, and numbers may start anywhere", async () => {
  await withFolder(async (_, at) => {
    for (const folder of ["gap", "natural", "late"]) await Deno.mkdir(at(folder));
    const video = source("32x18", "r=12:d=1");
    await ffmpeg(...video, at("gap/f_%04d.png"));
    await Deno.remove(at("gap/f_0005.png"));
    ok((await run([at("gap"), at("gap_out")])).includes("no image 5"));
    equal((await list(at("gap_out"))).length, 21);
    await ffmpeg(...video, at("natural/shot-3_take2_%d.png"));
    await run([at("natural"), at("natural_out"), "--no-cuts"]);
    const rgb = (name: string) => pixels(at(name), "rgb24");
    for (const i of [1, 2, 10, 12]) {
      equal(
        await rgb(`natural_out/${String(2 * i - 1).padStart(5, "0")}.png`),
        await rgb(`natural/shot-3_take2_${i}.png`),
      );
    }
    await ffmpeg(...video, "-start_number", "1001", at("late/%d.png"));
    await run([at("late"), at("late_out")]);
    equal((await list(at("late_out"))).length, 23);
  });
});

testCases(
  "names with a leading dash, colons, percent signs, quotes and non-ASCII letters work as input and output",
  [
    "-lead.mp4",
    "sp ace é日本 'q' 100%d.mp4",
  ],
  ["a:b.mp4", "x %04d y/in.mp4"],
  async (t, names) => {
    await withFolder(async (folder, at) => {
      await ffmpeg(...source("32x18", "r=10:d=0.3"), ...X264, at("in.mp4"));
      await Deno.mkdir(at("x %04d y"));
      const before = Deno.cwd(),
        inFolder = async (...names: string[]) => {
          Deno.chdir(folder);
          try {
            return await interpolate(names);
          } finally {
            Deno.chdir(before);
          }
        };
      for (const name of names) {
        await t.step(name, async () => {
          await Deno.copyFile(at("in.mp4"), at(name));
          const out = name.replace(".mp4", " out.mkv");
          equal((await inFolder("--", name, out)).code, 0);
          equal(Number((await probe(at(out))).video.nb_read_frames), 6);
        });
      }
      await Deno.copyFile(at("in.mp4"), at("x %04d y/in.mp4"));
      equal((await inFolder("x %04d y/in.mp4", "x %04d y/images/")).code, 0);
      equal((await list(at("x %04d y/images"))).length, 5);
    });
  },
);

Deno.test("a GIF keeps its length, with durations that GIF supports", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg(...source("64x36", "r=10:d=1"), at("in.gif"));
    for (const [factor, frames] of [["6", 50], ["3", 30]] as const) {
      const err = await run([at("in.gif"), at(`${factor}.gif`), "--factor", factor]);
      equal(err.includes("50 frames per second"), factor === "6");
      const { video } = await probe(at(`${factor}.gif`));
      equal(Number(video.nb_read_frames), frames);
      ok(Math.abs(Number(video.duration) - 1) <= 0.02, `${video.duration} s`);
    }
  });
});

Deno.test("every stream is copied, or named in a warning", async () => {
  await withFolder(async (_, at) => {
    const base = await makeBase(at("base.mp4"));
    await Deno.writeTextFile(at("s.srt"), "1\n00:00:00,500 --> 00:00:02,000\nhello\n\n");
    const chapter = (start: number, end: number) =>
      `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start}\nEND=${end}\ntitle=at ${start}\n`;
    await Deno.writeTextFile(at("ch.txt"), `;FFMETADATA1\n${chapter(0, 2000)}${chapter(2000, 4000)}`);
    await ffmpeg(
      ...[
        "-i",
        base,
        "-f",
        "lavfi",
        "-i",
        "sine=f=880:d=4",
        "-i",
        at("s.srt"),
        "-i",
        at("ch.txt"),
        "-map",
        "0:v",
        "-map",
        "0:a",
      ],
      ...[
        "-map",
        "1:a",
        "-map",
        "2",
        "-map_metadata",
        "3",
        "-map_chapters",
        "3",
        "-c:v",
        "copy",
        "-c:a:0",
        "copy",
        "-c:a:1",
        "flac",
      ],
      ...["-c:s", "srt", "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=jpn"],
      ...["-metadata:s:a:1", "title=LPCM->FLAC", at("multi.mkv")],
    );
    await run([at("multi.mkv"), at("out.mkv")]);
    const { streams, chapters } = await probe(at("out.mkv"));
    equal(streams.map(({ codec_name }) => codec_name), ["h264", "aac", "flac", "subrip"]);
    equal(streams.slice(1, 3).map(({ tags }) => (tags as Record<string, string>).language), ["eng", "jpn"]);
    equal([(streams[2]!.tags as Record<string, string>).title, chapters.length], ["LPCM->FLAC", 2]);
    const err = await run([at("multi.mkv"), at("out.mp4")]);
    const mp4 = await probe(at("out.mp4"));
    ok(/subtitle stream 3/.test(err), err);
    // FFmpeg 9 copies FLAC into mp4.
    ok(/audio stream 2/.test(err) || mp4.streams[2]!.codec_name === "flac", err);
    equal(mp4.chapters.length, 2);
  });
});
