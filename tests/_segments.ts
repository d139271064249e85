/** Videos in one run and in segments, in tests. */
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { random } from "./_random.ts";
import { ffmpeg, inRepo, interpolate, NO_WORKERS, task, withFolder } from "./_tools.ts";

/** Frames are only blended, and a segment is 24 frames. */
export const SEGMENTS = ["--manifest", inRepo("tests/fixtures/long_segments.json"), "--backend", "cpu"];

export const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p"];

export const single = (input: string, output: string, ...args: readonly string[]) =>
  interpolate([input, output, ...SEGMENTS, ...args]);

export const plan = (input: string, output: string, ...args: readonly string[]) =>
  task("segments", ["plan", input, output, ...SEGMENTS, ...args]);

export const make = (output: string, ...numbers: readonly (number | string)[]) =>
  task("segments", ["make", `${output}.segments`, ...numbers.map(String), ...NO_WORKERS]);

export const join = (output: string) => task("segments", ["join", `${output}.segments`]);

/** Returns numbers in an order that depends on the seed only. */
export function shuffled(count: number, seed = 7): number[] {
  const numbers = Array.from({ length: count }, (_, i) => i), next = random(seed);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(next() * (i + 1));
    [numbers[i], numbers[other]] = [numbers[other]!, numbers[i]!];
  }
  return numbers;
}

/** Interpolates a video in one run and in segments, and compares the files. Returns the warnings of both. */
export async function compare(input: string, at: (name: string) => string, ending: string, args: readonly string[]) {
  const [whole, parts] = [at(`whole.${ending}`), at(`parts.${ending}`)];
  const run = await single(input, whole, ...args);
  equal(run.code, 0, run.err);
  const planned = await plan(input, parts, ...args);
  equal(planned.code, 0, planned.err);
  const count = Number(planned.out);
  ok(count > 1, `${count} segments`);
  const made = await make(parts, ...shuffled(count));
  equal(made.code, 0, made.err);
  const joined = await join(parts);
  equal(joined.code, 0, joined.err);
  ok(Buffer.compare(await Deno.readFile(whole), await Deno.readFile(parts)) === 0, `${ending} ${args.join(" ")}`);
  const warnings = ({ err }: { err: string }) => err.split("\n").filter((line) => line.includes("warning:"));
  return { single: warnings(run), segments: [planned, made, joined].flatMap(warnings) };
}

/**
 * Compares both for videos with unusual times, in one step of a test per video.
 *
 * @param names Names of the videos to compare. @default {all}
 */
export async function compareUnusualTimes(t: Deno.TestContext, names?: readonly string[]): Promise<void> {
  await withFolder(async (_, at) => {
    const step = async (name: string, source: readonly string[], ending: string, ...args: readonly string[]) => {
      if (names && !names.includes(name)) return;
      await t.step(name, async () => {
        await ffmpeg(...source, at(name));
        const { single, segments } = await compare(at(name), at, ending, [...args, "--overwrite"]);
        equal(
          segments.filter((line) => /later|dropped/.test(line)),
          single.filter((line) => /later|dropped/.test(line)),
        );
      });
    };
    const lavfi = (source: string) => ["-f", "lavfi", "-i", source];
    const clock = "setpts='if(lt(N,20),N/30,1.2+(N-20)/13)/TB'";
    const variable = ["-vf", clock, "-fps_mode", "vfr", "-enc_time_base", "1:90000"];
    await step("vfr.mp4", [...lavfi("testsrc2=s=64x36:r=30:d=1.2"), ...variable, ...X264], "mp4");
    await step("vfr.mkv", [...lavfi("testsrc2=s=64x36:r=30:d=1.2"), ...variable, ...X264], "mkv", "--fps", "50");
    const close = ["-vf", "settb=1/90000,setpts='trunc(N/2)*3000+mod(N,2)*90'", "-fps_mode", "vfr"];
    const fine = ["-enc_time_base", "1:90000", "-video_track_timescale", "90000"];
    await step(
      "close.mp4",
      [...lavfi("testsrc2=s=64x36:r=30:d=1"), ...close, ...fine, ...X264],
      "mkv",
      "--factor",
      "4",
    );
    const late = ["-itsoffset", "0.517", ...lavfi("testsrc2=s=64x36:r=25:d=1"), ...lavfi("sine=d=2")];
    await step("late.mp4", [...late, "-fps_mode", "passthrough", ...X264, "-c:a", "aac"], "mp4");
    const fields = ["-vf", "scroll=h=0.03,tinterlace=interleave_top,setfield=tff", "-flags", "+ilme+ildct"];
    const interlaced = ["-c:v", "libx264", "-x264-params", "interlaced=1:tff=1", "-pix_fmt", "yuv420p"];
    await step("fields.mp4", [...lavfi("testsrc2=s=64x64:r=50:d=1"), ...fields, ...interlaced], "mp4", "--deinterlace");
    const telecine = ["-vf", "scroll=h=0.01,telecine=pattern=23", "-flags", "+ilme+ildct"];
    const pulled = [...lavfi("testsrc2=s=320x180:r=24000/1001:d=1"), ...telecine, ...interlaced];
    await step("telecine.mp4", pulled, "mp4", "--deinterlace");
    // Segments from the sixth second on are read after a seek.
    await step("long.mp4", [...lavfi("testsrc2=s=64x36:r=12:d=7"), ...X264], "mkv", "--start", "0.4");
    await step("tiled.mp4", [...lavfi("testsrc2=s=240x136:r=12:d=1.2"), ...X264], "mp4", "--tile", "128");
  });
}
