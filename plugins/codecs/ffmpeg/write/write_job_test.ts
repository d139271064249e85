import assert from "node:assert/strict";
import { rational } from "@slomo/core/time";
import {
  copyVideo,
  make,
  makeRotated,
  probeFields,
  streamHash,
  testEachFfmpeg,
  testEachFfmpegCases,
  testFfmpegs,
  withScratch,
} from "../../_testing.ts";
import { ffmpegMedia } from "../media.ts";
import type { FfmpegTools } from "../locate.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;
const codecOf = ({ ffmpeg }: FfmpegTools) => ffmpegMedia({ ffmpeg });
const X264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";

testEachFfmpegCases(
  ffmpegs,
  "a lossless encoder keeps every bit of a video of any layout and size",
  ["yuv422p10le", "yuva420p", "bgra"],
  ["yuv420p", "yuv444p16le", "gbrp10le", "gray16le"],
  async (tools, formats) => {
    await withScratch(async ({ path }) => {
      for (const format of formats) {
        const [from, to] = [path(`${format}.mkv`), path(`${format}.out.mkv`)];
        await make(
          own.ffmpeg,
          `-f lavfi -i testsrc2=s=68x50:r=8:d=0.5 -vf format=yuv444p,crop=67:49:exact=1 -c:v ffv1 -pix_fmt ${format} ${from}`,
        );
        const { plan } = await copyVideo(codecOf(tools), from, to, { encoder: "ffv1" });
        assert.equal(plan.pixelFormat, format);
        assert.deepEqual(plan.dropped, []);
        assert.deepEqual(await streamHash(own.ffmpeg, to), await streamHash(own.ffmpeg, from), format);
      }
    });
  },
);

const UNCHANGED = "color tags and samples are unchanged";
testEachFfmpegCases(ffmpegs, UNCHANGED, ["full", "partly"], ["hd", "hdr", "srgb", "none"], async (tools, names) => {
  await withScratch(async ({ path }) => {
    const tags = (values: string) => {
      const [range, primaries, trc, space] = values.split(" ");
      const filter = `setparams=range=${range}:color_primaries=${primaries}:color_trc=${trc}:colorspace=${space}`;
      return `-vf ${filter} -color_range ${range} -color_primaries ${primaries} -color_trc ${trc} -colorspace ${space}`;
    };
    const clips: Readonly<Record<string, string>> = {
      hd: `${tags("tv bt709 bt709 bt709")} -pix_fmt yuv420p`,
      full: `${tags("pc smpte170m smpte170m smpte170m")} -pix_fmt yuv420p`,
      hdr: `${tags("tv bt2020 smpte2084 bt2020nc")} -pix_fmt yuv420p10le`,
      srgb: `${tags("tv bt709 iec61966-2-1 bt709")} -pix_fmt yuv444p`,
      none: "-pix_fmt yuv420p",
      partly: "-vf setparams=colorspace=bt709 -colorspace bt709 -pix_fmt yuv420p",
    };
    for (const name of names) {
      const args = clips[name];
      for (const [encoder, quality] of [["ffv1", undefined], ["libx264", 0]] as const) {
        const [from, to] = [path(`${name}.mkv`), path(`${name}.${encoder}.mkv`)];
        await make(own.ffmpeg, `-f lavfi -i testsrc2=s=64x36:r=8:d=0.5 -c:v ffv1 ${args} ${from}`);
        await copyVideo(codecOf(tools), from, to, { encoder, crf: quality });
        const fields = "pix_fmt,color_primaries,color_transfer,color_space" +
          (name === "none" || name === "partly" ? "" : ",color_range");
        const tagsOf = async (file: string) => {
          const { pix_fmt, ...tags } = await probeFields(own.ffprobe, file, "v:0", fields);
          return { ...tags, pix_fmt: pix_fmt!.replace("yuvj", "yuv") };
        };
        assert.deepEqual(await tagsOf(to), await tagsOf(from), `${name} ${encoder}`);
        const isExact = encoder === "ffv1" || name !== "hdr";
        if (isExact) {
          assert.deepEqual(await streamHash(own.ffmpeg, to), await streamHash(own.ffmpeg, from), `${name} ${encoder}`);
        }
      }
    }
  });
});

testEachFfmpeg(ffmpegs, "HDR10 keeps its mastering data, or its loss is reported", async (tools) => {
  await withScratch(async ({ path }) => {
    const master = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)";
    const params =
      `log-level=error:hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:master-display=${master}:max-cll=1000,400`;
    await make(
      own.ffmpeg,
      `-f lavfi -i testsrc2=s=64x36:r=24:d=0.2 -vf format=yuv420p10le,setparams=range=tv:color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc -c:v libx265 -x265-params ${params} ${
        path("hdr.mkv")
      }`,
    );
    const { plan } = await copyVideo(codecOf(tools), path("hdr.mkv"), path("o.mp4"));
    assert.deepEqual([plan.encoder, plan.pixelFormat, plan.dropped], ["libx265", "yuv420p10le", []]);
    const { info: back } = await ffmpegMedia().source!.open(path("o.mp4"));
    assert.deepEqual([back.video.color.transfer, back.video.color.primaries, back.video.format.depth], [
      "smpte2084",
      "bt2020",
      10,
    ]);
    const again = await copyVideo(codecOf(tools), path("o.mp4"), path("o.mkv"), { encoder: "libx264" });
    assert.ok(again.plan.dropped.some(({ what }) => what === "HDR mastering data"), "the mastering data was in o.mp4");
  });
});

testEachFfmpegCases(
  ffmpegs,
  "a constant rate is read back exactly from mp4, mov, mkv and webm, with the same duration",
  ["mp4", "webm"],
  ["mov", "mkv"],
  async (tools, endings) => {
    await withScratch(async ({ path }) => {
      await make(own.ffmpeg, `-f lavfi -i testsrc2=s=32x18:r=48000/1001:d=0.84 ${X264} ${path("a.mp4")}`);
      for (const ending of endings) {
        const to = path(`o.${ending}`);
        await copyVideo(codecOf(tools), path("a.mp4"), to);
        const { r_frame_rate, nb_read_frames } = await probeFields(
          own.ffprobe,
          to,
          "v:0",
          "r_frame_rate,nb_read_frames",
        );
        assert.deepEqual([r_frame_rate, nb_read_frames], ["48000/1001", "41"], ending);
        const { duration } = (await ffmpegMedia().source!.open(to)).info.video;
        const seconds = Number(duration!.num) / Number(duration!.den);
        // Before 5.0, the duration in Matroska files excludes the last frame.
        assert.ok(Math.abs(seconds - 41 * 1001 / 48000) < 1.1 * 1001 / 48000, `${ending}: ${seconds} s`);
      }
    });
  },
);

testEachFfmpeg(ffmpegs, "timestamps of a variable rate and a late start stay exact in mp4", async (tools) => {
  await withScratch(async ({ path }) => {
    const clips = {
      vfr:
        `-f lavfi -i testsrc2=s=32x18:r=30:d=1 -vf setpts='if(lt(N,10),N/30,N/15)/TB' -fps_mode vfr -enc_time_base 1:90000 ${X264}`,
      late: `-itsoffset 0.5 -f lavfi -i testsrc2=s=32x18:r=25:d=1 ${X264}`,
    };
    for (const [name, args] of Object.entries(clips)) {
      await make(own.ffmpeg, `${args} -f mp4 ${path(name)}`);
      const { frames } = await copyVideo(codecOf(tools), path(name), path(`${name}.mp4`));
      const codec = ffmpegMedia(), reader = await codec.source!.open(path(`${name}.mp4`)), times: string[] = [];
      for await (const { pts, timebase } of reader.frames()) {
        const { num, den } = rational(pts * timebase.num, timebase.den);
        times.push(`${num}/${den}`);
      }
      assert.deepEqual(
        times,
        frames.map(({ pts, timebase }) => {
          const { num, den } = rational(pts * timebase.num, timebase.den);
          return `${num}/${den}`;
        }),
        name,
      );
    }
  });
});

testEachFfmpegCases(
  ffmpegs,
  "a rotated video is shown upright in any container, by a tag or by its pixels, never both",
  ["mp4", "mkv"],
  ["mov"],
  async (tools, endings) => {
    await withScratch(async ({ path }) => {
      await make(own.ffmpeg, `-f lavfi -i testsrc2=s=32x18:r=8:d=0.5 ${X264} ${path("a.mp4")}`);
      await makeRotated(own, path("a.mp4"), path("rotated.mp4"), 90);
      await make(
        own.ffmpeg,
        `-i ${path("rotated.mp4")} -vf scale=18:32 -c:v ffv1 -metadata:s:v rotate=0 ${path("upright.mkv")}`,
      );
      for (const ending of endings) {
        const to = path(`o.${ending}`);
        const { info, plan } = await copyVideo(codecOf(tools), path("rotated.mp4"), to, { crf: 0 });
        const { info: { video } } = await ffmpegMedia().source!.open(to);
        const isTagged = video.rotation !== 0;
        assert.deepEqual([video.width, video.height], isTagged ? [32, 18] : [18, 32], ending);
        assert.equal(plan.notes.some((note) => note.includes("stored upright")), !isTagged);
        if (isTagged) assert.equal(video.rotation, info.video.rotation);
        await make(
          own.ffmpeg,
          `-i ${to} -vf scale=18:32 -c:v ffv1 -metadata:s:v rotate=0 ${path(`shown.${ending}.mkv`)}`,
        );
        assert.deepEqual(
          await streamHash(own.ffmpeg, path(`shown.${ending}.mkv`)),
          await streamHash(own.ffmpeg, path("upright.mkv")),
          ending,
        );
      }
    });
  },
);

testEachFfmpeg(ffmpegs, "odd sizes are written completely", async (tools) => {
  await withScratch(async ({ path }) => {
    await make(
      own.ffmpeg,
      `-f lavfi -i testsrc2=s=128x72:r=8:d=0.4 -vf format=yuv444p,crop=127:71:exact=1,format=yuv420p -c:v ffv1 ${
        path("odd.mkv")
      }`,
    );
    const expected = { mp4: "yuv444p", mkv: "yuv444p", webm: "yuv420p" };
    for (const [ending, format] of Object.entries(expected)) {
      const { plan } = await copyVideo(codecOf(tools), path("odd.mkv"), path(`o.${ending}`));
      const { width, height, pix_fmt } = await probeFields(
        own.ffprobe,
        path(`o.${ending}`),
        "v:0",
        "width,height,pix_fmt",
      );
      assert.deepEqual([width, height, pix_fmt, plan.pixelFormat], ["127", "71", format, format], ending);
    }
    await assert.rejects(copyVideo(codecOf(tools), path("odd.mkv"), path("x.mp4"), { pixelFormat: "yuv420p" }), {
      name: "UsageError",
      message:
        /encoder libx264: cannot encode yuv420p at 127×71 in mp4: .*; `pixelFormat` yuv444p and `encoder` ffv1 support any size/,
    });
  });
});

testEachFfmpeg(ffmpegs, "FFV1 keeps every sample of sizes that are not multiples of the chroma step", async (tools) => {
  await withScratch(async ({ path }) => {
    for (const [name, size] of [["yuv420p", "367:291"], ["yuv411p", "1366:6"], ["yuv444p", "353:7"]] as const) {
      const job = `-f lavfi -i testsrc2=s=1376x300:r=8:d=0.2,format=${name},crop=${size}:0:0:exact=1`;
      await make(own.ffmpeg, `${job} -c:v rawvideo ${path("in.nut")}`);
      const { plan } = await copyVideo(codecOf(tools), path("in.nut"), path("o.mkv"), {
        encoder: "ffv1",
        overwrite: true,
      });
      assert.equal(plan.pixelFormat, name);
      assert.deepEqual(await streamHash(own.ffmpeg, path("o.mkv")), await streamHash(own.ffmpeg, path("in.nut")), name);
    }
  });
});

testEachFfmpeg(ffmpegs, "interlaced frames keep their tags", async (tools) => {
  await withScratch(async ({ path }) => {
    await make(
      own.ffmpeg,
      `-f lavfi -i testsrc2=s=64x48:r=50:d=0.4 -vf tinterlace=interleave_top,setfield=tff -c:v libx264 -flags +ilme+ildct -pix_fmt yuv420p ${
        path("i.mp4")
      }`,
    );
    await copyVideo(codecOf(tools), path("i.mp4"), path("o.mp4"));
    assert.equal((await probeFields(own.ffprobe, path("o.mp4"), "v:0", "field_order")).field_order, "tt");
    await make(
      own.ffmpeg,
      `-i ${path("i.mp4")} -vf setfield=bff -c:v mpeg2video -flags +ilme+ildct ${path("bottom.mpg")}`,
    );
    const { plan } = await copyVideo(codecOf(tools), path("bottom.mpg"), path("bottom.mp4"));
    assert.deepEqual(plan.dropped, []);
    assert.equal((await probeFields(own.ffprobe, path("bottom.mp4"), "v:0", "field_order")).field_order, "bb");
    assert.equal((await ffmpegMedia().source!.open(path("bottom.mp4"))).info.video.fieldOrder, "bff");
    const vp9 = await copyVideo(codecOf(tools), path("bottom.mpg"), path("o.webm"));
    assert.deepEqual(vp9.plan.dropped.map(({ what }) => what), ["the interlaced flag"]);
  });
});

testEachFfmpeg(ffmpegs, "RGB becomes tagged YUV without a bias", async (tools) => {
  await withScratch(async ({ path }) => {
    await make(own.ffmpeg, `-f lavfi -i color=0x804020:s=64x36:r=8:d=0.4 -c:v ffv1 -pix_fmt gbrp ${path("rgb.mkv")}`);
    const { plan } = await copyVideo(codecOf(tools), path("rgb.mkv"), path("o.mp4"), { crf: 0 });
    assert.deepEqual([plan.pixelFormat, plan.dropped.map(({ what }) => what)], ["yuv420p", ["full-size RGB color"]]);
    const { color_space, color_range } = await probeFields(
      own.ffprobe,
      path("o.mp4"),
      "v:0",
      "color_space,color_range",
    );
    assert.deepEqual([color_space, color_range], ["bt709", "tv"]);
    const codec = ffmpegMedia(), reader = await codec.source!.open(path("o.mp4"));
    for await (const { image: { planes } } of reader.frames()) {
      assert.ok(
        Math.abs(planes[0]![0]! - 79) <= 1 && Math.abs(planes[1]![0]! - 107) <= 1 &&
          Math.abs(planes[2]![0]! - 156) <= 1,
        `${planes.map((p) => p[0])}`,
      );
    }
  });
});
