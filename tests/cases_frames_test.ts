/** End-to-end tests of fields and duplicate frames; frames are only blended. */
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { testCases } from "./_more.ts";
import { ffmpeg, interpolate, interpolateWithModel, pixels, probe, withFolder } from "./_tools.ts";

const source = (size: string, options: string) => ["-f", "lavfi", "-i", `testsrc2=s=${size}:${options}`];
const X264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p"];

async function run(args: readonly string[]): Promise<string> {
  const { code, err } = await interpolate(args);
  equal(code, 0, err);
  return err;
}

Deno.test("interpolate warns about interlaced video and keeps its length; --deinterlace removes comb lines", async () => {
  await withFolder(async (_, at) => {
    const moving = [...source("128x96", "r=50:d=1"), "-vf"];
    await ffmpeg(...moving, "scroll=h=0.03", ...X264, at("reference.mp4"));
    await ffmpeg(
      ...[...moving, "scroll=h=0.03,tinterlace=interleave_top,setfield=tff", "-flags", "+ilme+ildct"],
      ...["-x264-params", "interlaced=1:tff=1", ...X264, at("in.mp4")],
    );
    const warnings = (await run([at("in.mp4"), at("out.mp4")])).split("\n").filter((line) =>
      line.includes("interlaced")
    );
    equal(warnings.length, 1);
    ok(warnings[0]!.includes("--deinterlace"), warnings[0]);
    await run([at("in.mp4"), at("progressive.mp4"), "--deinterlace", "--factor", "2"]);
    await run([at("in.mp4"), at("fields.mp4"), "--deinterlace", "--fps", "50"]);
    const lineEnergy = async (name: string) => {
      const gray = await pixels(at(name), "gray");
      let sum = 0;
      for (let i = 128; i < gray.length; i++) {
        if (i % (128 * 96) >= 128) sum += Math.abs(gray[i]! - gray[i - 128]!);
      }
      return sum / gray.length;
    };
    const expected = await lineEnergy("reference.mp4");
    ok(await lineEnergy("out.mp4") > 1.3 * expected);
    for (const [name, frames, rate] of [["progressive.mp4", 100, "100/1"], ["fields.mp4", 50, "50/1"]] as const) {
      const { video } = await probe(at(name));
      equal([Number(video.nb_read_frames), video.r_frame_rate, video.field_order], [frames, rate, "progressive"]);
      ok(Math.abs(Number(video.duration) - 1) < 0.01, `${video.duration} s`);
      ok(await lineEnergy(name) <= 1.02 * expected, `${name}: ${await lineEnergy(name)} expected about ${expected}`);
    }
    ok((await run([at("reference.mp4"), at("as_is.mp4"), "--deinterlace"])).includes("has no effect"));
  });
});

/** The luma of each frame of a video. */
async function lumaOf(file: string, size: number): Promise<Uint8Array[]> {
  const gray = await pixels(file, "gray");
  return Array.from({ length: gray.length / size }, (_, i) => gray.subarray(i * size, (i + 1) * size));
}

/** Returns the indices of frames that hardly differ from the previous one. */
function stills(frames: readonly Uint8Array[]): number[] {
  return frames.flatMap((frame, i) => {
    if (i === 0) return [];
    const change = frame.reduce((sum, value, k) => sum + Math.abs(value - frames[i - 1]![k]!), 0) / frame.length;
    return change < 0.5 ? [i] : [];
  });
}

const moving = (rate: number) => `testsrc2=s=160x96:r=${rate}:d=1,scroll=h=0.02`;

testCases("interpolate replaces duplicate frames: on twos, on threes, 24 in 30, a stall; timestamps stay", [
  ["twos", moving(12), "fps=24"],
  ["stall", moving(24), "select='not(between(n,8,11))',fps=24"],
], [
  ["threes", moving(8), "fps=24"],
  ["pulldown", moving(24), "fps=30"],
], async (t, videos: readonly (readonly [string, string, string])[]) => {
  await withFolder(async (_, at) => {
    const audio = ["-f", "lavfi", "-i", "sine=d=1"];
    for (const [name, input, filter] of videos) {
      await t.step(name, async () => {
        const file = at(`${name}.mp4`);
        await ffmpeg("-f", "lavfi", "-i", input, ...audio, "-vf", filter, ...X264, "-c:a", "aac", file);
        const source = await lumaOf(file, 160 * 96), repeated = stills(source);
        ok(repeated.length >= 4, `the test repeats ${repeated.length} frames`);
        await run([file, at(`${name}.fill.mp4`), "--crf", "12"]);
        await run([file, at(`${name}.keep.mp4`), "--crf", "12", "--duplicates", "keep"]);
        const [interpolated, kept] = [
          await lumaOf(at(`${name}.fill.mp4`), 160 * 96),
          await lumaOf(at(`${name}.keep.mp4`), 160 * 96),
        ];
        equal([interpolated.length, kept.length], [2 * source.length, 2 * source.length]);
        // Duplicates at the end of the video have no next frame to interpolate to.
        const last = source.length - 1,
          tail = repeated.filter((i) => repeated.slice(repeated.indexOf(i)).length === last - i + 1);
        equal(stills(interpolated).filter((i) => i < 2 * (last - tail.length)), []);
        ok(stills(kept).length >= 2 * repeated.length - 1, `${stills(kept).length} stills are kept`);
        const [before, after] = [await probe(file), await probe(at(`${name}.fill.mp4`))];
        ok(Math.abs(Number(after.video.duration) - Number(before.video.duration)) < 0.001);
        equal(after.audio!.duration, before.audio!.duration);
      });
    }
  });
});

Deno.test("interpolate keeps long still parts; frames that differ only by noise are not duplicates", async () => {
  await withFolder(async (_, at) => {
    const clip = ["-f", "lavfi", "-i", "testsrc2=s=160x96:r=24:d=1.5,scroll=h=0.02"];
    await ffmpeg(...clip, "-vf", "select='not(between(n,8,19))',fps=24", ...X264, at("long.mp4"));
    await run([at("long.mp4"), at("long.out.mp4"), "--crf", "12"]);
    ok(stills(await lumaOf(at("long.out.mp4"), 160 * 96)).length >= 20);
    await ffmpeg(
      "-f",
      "lavfi",
      "-i",
      "color=gray:s=160x96:r=24:d=0.5",
      "-vf",
      "noise=alls=8:allf=t",
      ...X264,
      at("n.mp4"),
    );
    ok(!(await run([at("n.mp4"), at("n.out.mp4")])).includes("repeated"));
  });
});

Deno.test("interpolate restores the frames of telecined film, and converts it to 60 fps without judder", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg(
      ...["-f", "lavfi", "-i", "testsrc2=s=320x180:r=24000/1001:d=1,scroll=h=0.01"],
      ...["-vf", "telecine=pattern=23,setfield=tff", "-flags", "+ilme+ildct", "-x264-params", "interlaced=1:tff=1"],
      ...[...X264, "-crf", "18", at("in.mp4")],
    );
    const err = await run([at("in.mp4"), at("out.mp4"), "--deinterlace", "--crf", "12"]);
    ok(/one in five is a duplicate/.test(err) && /duplicate source frames/.test(err), err);
    const [before, after] = [await probe(at("in.mp4")), await probe(at("out.mp4"))];
    equal([after.video.r_frame_rate, Number(after.video.nb_read_frames)], ["60000/1001", 60]);
    ok(Math.abs(Number(after.video.duration) - Number(before.video.duration)) < 0.001);
    ok(stills(await lumaOf(at("out.mp4"), 320 * 180)).every((i) => i > 54));
  });
});

Deno.test("--keep-still keeps a box before a moving scene within one intensity level", async () => {
  await withFolder(async (_, at) => {
    const box = "overlay=20:60:shortest=1,drawbox=x=30:y=65:w=40:h=10:c=black:t=fill,format=yuv444p";
    await ffmpeg(
      ...["-f", "lavfi", "-i", "mandelbrot=s=96x96:r=12", "-f", "lavfi", "-i", "color=white:s=60x20:r=12"],
      ...["-filter_complex", `[0:v]trim=end_frame=4,setpts=PTS-STARTPTS,scroll=h=0.04[b];[b][1:v]${box}`],
      ...["-frames:v", "4", "-c:v", "ffv1", at("in.mkv")],
    );
    const { code, err } = await interpolateWithModel([at("in.mkv"), at("out.mkv"), "--codec", "ffv1", "--keep-still"]);
    equal(code, 0, err);
    const source = await lumaOf(at("in.mkv"), 96 * 96), output = await lumaOf(at("out.mkv"), 96 * 96);
    equal(output.length, 8);
    for (const i of [1, 3, 5]) {
      let squares = 0;
      for (let y = 60; y < 80; y++) {
        for (let x = 20; x < 80; x++) {
          const error = output[i]![y * 96 + x]! - source[0]![y * 96 + x]!;
          squares += error ** 2 / (60 * 20);
          // Chroma of the outermost pixels includes some of the scene.
          if (x > 21 && x < 78 && y > 61 && y < 78) ok(Math.abs(error) <= 1, `${error} at ${x}, ${y}`);
        }
      }
      const psnr = 10 * Math.log10(255 ** 2 / squares);
      ok(psnr > 30, `${psnr} dB`);
      ok(output[i]!.some((value, k) => value !== source[(i - 1) / 2]![k]), "the scene does not move");
    }
  });
});

Deno.test("--tile interpolates in tiles without visible edges; the result differs by less than an intensity level", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg(
      ...["-f", "lavfi", "-i", "mandelbrot=s=640x64:r=12:end_scale=0.5", "-frames:v", "2"],
      ...["-vf", "scroll=h=0.01", "-c:v", "ffv1", "-pix_fmt", "yuv444p", at("in.mkv")],
    );
    const outputs: Uint8Array[] = [];
    for (const [name, tile] of [["whole", "0"], ["tiled", "384"]] as const) {
      const options = ["--codec", "ffv1", "--tile", tile, "--overlap", "128"];
      const { code, err } = await interpolateWithModel([at("in.mkv"), at(`${name}.mkv`), ...options]);
      equal(code, 0, err);
      equal(err.includes("tiles of 384 pixels with an overlap of 128"), name === "tiled");
      outputs.push((await lumaOf(at(`${name}.mkv`), 640 * 64))[1]!);
    }
    const differences = Array.from({ length: 640 }, (_, x) => {
      let sum = 0;
      for (let y = 0; y < 64; y++) sum += Math.abs(outputs[0]![y * 640 + x]! - outputs[1]![y * 640 + x]!);
      return sum / 64;
    });
    const meanOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const all = meanOf(differences);
    ok(all < 1 && all > 0, `${all} intensity levels`);
    for (const edge of [256, 384]) {
      const step = Math.abs(meanOf(differences.slice(edge - 2, edge)) - meanOf(differences.slice(edge, edge + 2)));
      ok(step <= Math.max(0.5, all), `a step of ${step} intensity levels at ${edge}`);
    }
  });
});
