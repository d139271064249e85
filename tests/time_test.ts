/** End-to-end tests of time: unusual frame rates, VFR with late audio, arbitrary start and end times. */
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { testCases } from "./_more.ts";
import { ffmpeg, interpolate, makeBase, pixels, probe, programs, type Stream, withFolder } from "./_tools.ts";
import { framePts } from "../plugins/codecs/_testing.ts";

const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];

async function run(...args: string[]): Promise<void> {
  const { code, err } = await interpolate(args);
  equal(code, 0, err);
}

const timestamps = async (file: string) => (await framePts((await programs()).ffprobe, file)).map(Number);

const startOf = (stream: Stream | undefined) => Number(stream!.start_time);

const VFR = "VFR video keeps its audio offset, early or late, in every container";
testCases(
  VFR,
  [["mp4"], ["ts"]],
  [["mkv"], ["mkv", "--fps", "60"]],
  async (t, outputs: readonly [string, ...string[]][]) => {
    await withFolder(async (_, at) => {
      const clock = "setpts='if(lt(N,30),N/30,1+(N-30)/15)/TB'";
      const clip = ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=30:d=2", "-f", "lavfi", "-i", "sine=d=3"];
      const timing = ["-vf", clock, "-fps_mode", "vfr", "-enc_time_base", "1:90000"];
      await ffmpeg(...clip, ...timing, ...X264, "-c:a", "aac", at("vfr.mp4"));
      const [plain, late] = [["-i", at("vfr.mp4")], ["-itsoffset", "0.7", "-i", at("vfr.mp4")]];
      const both = ["-map", "0:v", "-map", "1:a", "-c", "copy"];
      await ffmpeg(...plain, ...late, ...both, at("late_audio.mp4"));
      await ffmpeg(...late, ...plain, ...both, at("late_video.mkv"));
      await ffmpeg("-i", at("late_audio.mp4"), "-c", "copy", at("late_audio.ts"));
      for (const name of ["late_audio.mp4", "late_video.mkv", "late_audio.ts"]) {
        for (const [ending, ...options] of outputs) {
          await t.step(`${name} as ${[ending, ...options].join(" ")}`, async () => {
            await run(at(name), at(`out.${ending}`), "--overwrite", ...options);
            const [before, after] = [await probe(at(name)), await probe(at(`out.${ending}`))];
            const count = Number(after.video.nb_read_frames);
            ok(options.length > 0 ? count >= 178 && count <= 180 : count === 120, `${count} frames`);
            const delay = startOf(before.audio) - startOf(before.video);
            // In MPEG-TS the start time includes the encoder delay.
            const moved = startOf(after.audio) - startOf(after.video) - delay;
            const isExact = ending !== "ts" && !name.endsWith(".ts");
            ok(Math.abs(moved) < (isExact ? 0.002 : 0.03), `the audio moved by ${moved} s`);
          });
        }
      }
    });
  },
);

Deno.test("a part that ends within a frame has all its frames, and audio of the same duration", async (t) => {
  await withFolder(async (_, at) => {
    const base = await makeBase(at("base.mp4"));
    for (
      const [options, frames] of [["--end 0.1", 24], ["--start 0.05 --end 0.1", 8], [
        "--end 0.1 --slow-motion",
        24,
      ]] as const
    ) {
      for (const ending of ["mp4", "mkv"]) {
        await t.step(`${options} as ${ending}`, async () => {
          await run(base, at(`part.${ending}`), "--factor", "8", "--overwrite", ...options.split(" "));
          equal(Number((await probe(at(`part.${ending}`))).video.nb_read_frames), frames);
        });
      }
    }
  });
});

testCases("low and high frame rates are exact, and the duration stays", [
  ["1/2", "3/2"],
  ["24000/1001", "72000/1001"],
], [
  ["12.5", "75/2"],
  ["240", "720/1"],
], async (t, rates: readonly (readonly [string, string])[]) => {
  await withFolder(async (_, at) => {
    for (const [rate, thrice] of rates) {
      await t.step(rate, async () => {
        await ffmpeg("-f", "lavfi", "-i", `testsrc2=s=64x36:r=${rate}`, "-frames:v", "16", ...X264, at("in.mp4"));
        for (const ending of ["mp4", "mkv"]) {
          await run(at("in.mp4"), at(`out.${ending}`), "--factor", "3", "--overwrite");
          const { video } = await probe(at(`out.${ending}`));
          equal(video.nb_read_frames, "48", ending);
          // ffprobe reads no more than five digits of a Matroska rate.
          if (ending === "mp4" || !thrice.includes("1001")) equal(video.r_frame_rate, thrice, ending);
        }
        const [before, after] = [await probe(at("in.mp4")), await probe(at("out.mp4"))];
        ok(Math.abs(Number(after.video.duration) - Number(before.video.duration)) < 0.001);
      });
    }
  });
});

Deno.test("timestamps increase strictly, or the job is refused before work starts", async (t) => {
  await withFolder(async (_, at) => {
    const clip = (duration: string) => ["-f", "lavfi", "-i", `testsrc2=s=32x32:r=50:d=${duration}`, ...X264];
    await ffmpeg(...clip("0.1"), at("in.mp4"));
    await ffmpeg(...clip("0.2"), "-bf", "0", at("even.mkv"));
    const twins = "setts=pts=if(mod(N\\,3)\\,PREV_OUTPTS+1\\,PTS):dts=if(mod(N\\,3)\\,PREV_OUTPTS+1\\,PTS)";
    await ffmpeg("-i", at("even.mkv"), "-c", "copy", "-bsf:v", twins, at("twins.mkv"));
    for (const ending of ["mkv", "webm"]) {
      await t.step(`2000 frames per second in ${ending}`, async () => {
        const { code, err } = await interpolate([at("in.mp4"), at(`hi.${ending}`), "--factor", "40"]);
        equal(code, 2);
        ok(/cannot store 2000 frames per second: .*; choose \.mp4, \.mov or \.ts, or a lower --factor/.test(err), err);
      });
    }
    for (
      const [name, out, factor] of [["hi", "hi.mp4", 40], ["hi", "hi.ts", 40], ["twins", "a.mkv", 4], [
        "twins",
        "a.mp4",
        4,
      ]] as const
    ) {
      await t.step(`${name}, factor ${factor}, in ${out}`, async () => {
        const source = at(name === "hi" ? "in.mp4" : "twins.mkv");
        await run(source, at(out), "--factor", `${factor}`, "--overwrite", "--duplicates", "keep");
        const times = await timestamps(at(out));
        equal(times.length, (name === "hi" ? 5 : 10) * factor);
        times.slice(1).forEach((time, index) => ok(time > times[index]!, `${time} after ${times[index]}`));
      });
    }
  });
});

Deno.test("a pause in a GIF or a browser recording shows the first frame up to a normal step before the second", async (t) => {
  await withFolder(async (_, at) => {
    const clip = (rate: number) => ["-f", "lavfi", "-i", `testsrc2=s=48x32:r=${rate}:d=1`, "-fps_mode", "passthrough"];
    await ffmpeg(...clip(10), "-vf", "setpts='if(gt(N,4),PTS+2.9/TB,PTS)'", at("pause.gif"));
    // Milliseconds with jitter, a mark of alpha without alpha, and no duration, as MediaRecorder writes.
    const jitter = "settb=1/1000,setpts='N*33+mod(N*7,5)+if(gt(N,14),3000,0)'";
    const vp8 = ["-c:v", "libvpx", "-b:v", "1M", "-metadata:s:v:0", "alpha_mode=1", "-live", "1"];
    await ffmpeg(...clip(30), "-vf", jitter, ...vp8, at("pause.webm"));
    for (const [name, from, to] of [["pause.gif", 0.4, 3.3], ["pause.webm", 0.467, 3.46]] as const) {
      await t.step(name, async () => {
        await run(at(name), at("out.mkv"), "--fps", "20", "--codec", "ffv1", "--overwrite");
        const times = await timestamps(at("out.mkv")), size = 48 * 32 * 3;
        const all = await pixels(at("out.mkv"), "rgb24"), frame = (i: number) => all.subarray(i * size, (i + 1) * size);
        equal(times.length * size, all.length);
        const held = times.flatMap((time, i) => time / 1000 >= from && time / 1000 <= to ? [i] : []);
        ok(held.length > 50, `${held.length} frames`);
        for (const i of held) equal(frame(i), frame(held[0]!), `${times[i]} ms`);
        const after = times.findIndex((time) => time / 1000 > to + 0.12);
        ok(frame(after).some((value, i) => value !== frame(held[0]!)[i]), "the video goes on after the pause");
      });
    }
  });
});
