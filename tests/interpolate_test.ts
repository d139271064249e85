import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { testCases } from "./_more.ts";
import {
  ffmpeg,
  interpolate,
  interpolateWithModel,
  list,
  makeBase,
  pixels,
  probe,
  timestamps,
  withFolder,
} from "./_tools.ts";

/** Duration of the video that `makeBase` creates, in seconds. */
const SECONDS = 4.004;

async function succeeds(args: readonly string[], run = interpolate): Promise<string> {
  const { code, err } = await run(args);
  equal(code, 0, err);
  return err;
}

testCases("interpolate converts by factor or frame rate: frames, rate, duration and audio are correct", [
  ["5-2", ["--factor", "5/2"], 240, "60000/1001"],
  ["60", ["--fps", "60"], 241, "60/1"],
  ["5994", ["--fps", "59.94"], 240, "60000/1001"],
], [
  ["2", ["--factor", "2"], 192, "48000/1001"],
  ["4", ["--factor", "4"], 384, "96000/1001"],
  ["120", ["--fps", "120"], 481, "120/1"],
], async (t, cases: readonly (readonly [string, readonly string[], number, string])[]) => {
  await withFolder(async (_, at) => {
    const base = await makeBase(at("base.mp4"));
    for (const [name, options, frames, rate] of cases) {
      await t.step(`${options.join(" ")} gives ${frames} frames at ${rate}`, async () => {
        await succeeds([base, at(`${name}.mp4`), ...options]);
        const { video, audio } = await probe(at(`${name}.mp4`));
        equal([Number(video.nb_read_frames), video.r_frame_rate], [frames, rate]);
        const step = 1 / (Number(rate.split("/")[0]) / Number(rate.split("/")[1]));
        ok(Math.abs(Number(video.duration) - SECONDS) <= step, `${video.duration} s`);
        ok(Math.abs(Number(audio!.duration) - 4) < 0.05, `audio of ${audio!.duration} s`);
      });
    }
  });
});

Deno.test("interpolate --factor 1 copies all frames at the rate of the source", async () => {
  await withFolder(async (_, at) => {
    const base = await makeBase(at("base.mp4"));
    const err = await succeeds([base, at("out.mkv"), "--factor", "1", "--codec", "ffv1", "--duplicates", "keep"]);
    match(err, /96 frames, 0 of them interpolated \(the output has no more frames than the source\), 0 scene cuts/);
    equal(await pixels(at("out.mkv"), "yuv420p"), await pixels(base, "yuv420p"));
    equal((await probe(at("out.mkv"))).video.r_frame_rate, "24000/1001");
  });
});

Deno.test("interpolate copies audio bit by bit", async () => {
  await withFolder(async (_, at) => {
    const base = await makeBase(at("base.mp4"));
    await succeeds([base, at("out.mp4"), "--factor", "2"]);
    const sum = (file: string) => ffmpeg("-i", file, "-map", "0:a", "-c", "copy", "-f", "md5", "-");
    equal(await sum(at("out.mp4")), await sum(base));
  });
});

Deno.test("interpolate --slow-motion keeps the frame rate and slows down video and audio, or drops audio", async () => {
  await withFolder(async (_, at) => {
    const base = await makeBase(at("base.mp4"));
    await succeeds([base, at("slow.mp4"), "--factor", "4", "--slow-motion"]);
    const slow = await probe(at("slow.mp4"));
    equal([Number(slow.video.nb_read_frames), slow.video.r_frame_rate], [384, "24000/1001"]);
    ok(Math.abs(Number(slow.video.duration) - 4 * SECONDS) < 0.05);
    ok(Math.abs(Number(slow.audio!.duration) - 16) < 0.2, `audio of ${slow.audio!.duration} s`);
    await succeeds([base, at("mute.mp4"), "--factor", "2", "--slow-motion", "--audio", "drop"]);
    equal((await probe(at("mute.mp4"))).audio, undefined);
  });
});

testCases("interpolate keeps source frames unchanged, including the last", [3], [2, 8], async (_, factors) => {
  await withFolder(async (_, at) => {
    await ffmpeg(
      "-f",
      "lavfi",
      "-i",
      "testsrc2=s=64x36:r=10:d=1",
      "-c:v",
      "ffv1",
      "-pix_fmt",
      "yuv420p",
      at("ten.mkv"),
    );
    for (const factor of factors) {
      await succeeds([at("ten.mkv"), at(`${factor}.mkv`), "--factor", String(factor), "--codec", "ffv1"]);
      const [source, made] = [await pixels(at("ten.mkv"), "yuv420p"), await pixels(at(`${factor}.mkv`), "yuv420p")];
      const size = 64 * 36 * 3 / 2;
      equal(made.length, source.length * factor);
      for (let i = 0; i < 10; i++) {
        const out = made.subarray(i * factor * size, (i * factor + 1) * size);
        equal(out, source.subarray(i * size, (i + 1) * size), `frame ${i} at factor ${factor}`);
      }
      equal(made.subarray(-size), source.subarray(-size));
    }
  });
});

Deno.test("interpolate uses the timestamps of variable frame rate video", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg(
      ...["-f", "lavfi", "-i", "testsrc2=s=64x36:r=30:d=3", "-vf", "setpts='if(lt(N,30),N/30,1+(N-30)/15)/TB'"],
      ...["-fps_mode", "vfr", "-enc_time_base", "1:90000", "-c:v", "libx264", "-pix_fmt", "yuv420p", at("vfr.mp4")],
    );
    const source = await timestamps(at("vfr.mp4"));
    await succeeds([at("vfr.mp4"), at("twice.mp4"), "--factor", "2"]);
    const twice = await timestamps(at("twice.mp4"));
    source.forEach((time, i) =>
      ok(Math.abs(twice[2 * i]! - time) < 1e-4, `frame ${i} at ${twice[2 * i]} s, not ${time}`)
    );
    await succeeds([at("vfr.mp4"), at("60.mp4"), "--fps", "60"]);
    const { video } = await probe(at("60.mp4"));
    ok(Math.abs(Number(video.duration) - 5) < 0.11, `${video.duration} s`);
    (await timestamps(at("60.mp4"))).forEach((time, i) => ok(Math.abs(time - i / 60) < 1e-3));
  });
});

Deno.test("interpolate repeats the nearer frame across a scene cut", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg(
      ...["-f", "lavfi", "-i", "testsrc2=s=128x72:r=24:d=0.5", "-f", "lavfi", "-i", "mandelbrot=s=128x72:r=24"],
      ...["-filter_complex", "[1:v]trim=duration=0.5,setpts=PTS-STARTPTS[b];[0:v][b]concat=n=2:v=1"],
      ...["-c:v", "ffv1", "-pix_fmt", "yuv444p", at("cut.mkv")],
    );
    const err = await succeeds([at("cut.mkv"), at("out.mkv"), "--factor", "4", "--codec", "ffv1"]);
    match(err, /, 1 scene cut$/m);
    const size = 128 * 72 * 3, out = await pixels(at("out.mkv"), "yuv444p");
    const frame = (i: number) => out.subarray(i * size, (i + 1) * size);
    equal(out.length, 96 * size);
    equal(frame(45), frame(44));
    equal([frame(46), frame(47)], [frame(48), frame(48)]);
  });
});

Deno.test("interpolate applies --start and --end to video and audio", async () => {
  await withFolder(async (_, at) => {
    const base = await makeBase(at("base.mp4"));
    await succeeds([base, at("part.mp4"), "--factor", "2", "--start", "1", "--end", "0:02.5"]);
    const { video, audio } = await probe(at("part.mp4"));
    equal(Number(video.nb_read_frames), 72);
    ok(Math.abs(Number(video.duration) - 1.5) < 0.05);
    ok(Math.abs(Number(audio!.duration) - 1.5) < 0.1, `audio of ${audio!.duration} s`);
  });
});

Deno.test("interpolate reads and writes folders and patterns of images", async () => {
  await withFolder(async (_, at) => {
    await Deno.mkdir(at("in"));
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=48x32:r=10:d=0.5", "-pix_fmt", "rgb24", at("in/f_%d.png"));
    await succeeds([at("in"), at("out"), "--factor", "4"]);
    equal((await list(at("out"))).length, 4 * 4 + 1);
    equal(await pixels(at("out/00017.png"), "rgb24"), await pixels(at("in/f_5.png"), "rgb24"));
    await succeeds([at("in"), at("made/%03d.png"), "--factor", "5/2"]);
    equal(await list(at("made")), Array.from({ length: 11 }, (_, i) => `${String(i + 1).padStart(3, "0")}.png`));
    await succeeds([at("in"), at("out.mkv"), "--factor", "2", "--input-fps", "24"]);
    equal((await probe(at("out.mkv"))).video.r_frame_rate, "48/1");
  });
});

Deno.test("interpolate --loop interpolates from the last frame to the first", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=48x32:r=10:d=0.4", "-c:v", "ffv1", "-pix_fmt", "gray", at("in.mkv"));
    await succeeds([at("in.mkv"), at("out.mkv"), "--factor", "2", "--loop", "--codec", "ffv1", "--no-cuts"]);
    const size = 48 * 32, out = await pixels(at("out.mkv"), "gray");
    equal(out.length, 8 * size);
    const [first, last, between] = [0, 6, 7].map((i) => out.subarray(i * size, (i + 1) * size)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    between.forEach((value, i) => ok(Math.abs(value - (first[i]! + last[i]!) / 2) <= 1));
  });
});

Deno.test("interpolate with the model places a moving shape midway", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg(
      ...["-f", "lavfi", "-i", "mandelbrot=s=128x64:r=8:end_scale=0.3", "-f", "lavfi", "-i", "color=white:s=24x24:r=8"],
      ...[
        "-filter_complex",
        "[0:v]eq=brightness=-0.35:contrast=0.4[b];[b][1:v]overlay=x='8+t*64':y='12+t*32'",
        "-frames:v",
        "4",
      ],
      ...["-c:v", "ffv1", "-pix_fmt", "yuv444p", at("in.mkv")],
    );
    const flow = at("flow");
    await succeeds(
      [at("in.mkv"), at("out.mkv"), "--factor", "4", "--codec", "ffv1", "--flow-out", flow],
      interpolateWithModel,
    );
    const gray = await pixels(at("out.mkv"), "gray");
    for (let i = 0; i <= 12; i++) {
      const [x, y] = center(gray.subarray(i * 128 * 64, (i + 1) * 128 * 64), 128);
      ok(Math.abs(x - (19.5 + 2 * i)) < 0.75 && Math.abs(y - (23.5 + i)) < 0.75, `frame ${i}: ${x}, ${y}`);
    }
    const names = await list(flow);
    equal(names.length, 9 * 5);
    equal(names.slice(0, 5), [
      "00002_to_first.flo",
      "00002_to_first.png",
      "00002_to_second.flo",
      "00002_to_second.png",
      "00002_visibility.png",
    ]);
  });
});

/** Returns the mean position of nearly white pixels. */
function center(gray: Uint8Array, width: number): [number, number] {
  let x = 0, y = 0, n = 0;
  gray.forEach((value, i) => {
    if (value < 200) return;
    x += i % width;
    y += Math.floor(i / width);
    n++;
  });
  return [x / n, y / n];
}
