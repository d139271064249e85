import assert from "node:assert/strict";
import type { Frame, ReadOptions } from "@slomo/core";
import { rational } from "@slomo/core/time";
import { framePts, make, testEachFfmpeg, testFfmpegs, withScratch } from "../_testing.ts";
import type { FfmpegTools } from "./locate.ts";
import { bytesOfImage } from "./image_bytes.ts";
import { type ProbedMedia, probeMedia } from "./probe.ts";
import { startProcess } from "./process.ts";
import { readFrames } from "./read.ts";
import { ON_WINDOWS, testUnless } from "../../../tests/_unless.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;
const X264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";

async function read(tools: FfmpegTools, file: string | ProbedMedia, options: ReadOptions = {}): Promise<Frame[]> {
  const { info, details } = typeof file === "string" ? await probeMedia(tools, file) : file;
  const frames = [];
  for await (const frame of readFrames(tools, info, details, options)) frames.push(frame);
  return frames;
}

const timestamps = (frames: readonly Frame[]) => frames.map(({ pts }) => `${pts}`);

/** Clips whose timestamps cannot be computed from the frame rate in the header. */
const CLIPS: Readonly<Record<string, string>> = {
  "cfr.mp4": `-f lavfi -i testsrc2=s=32x18:r=24000/1001:d=1 ${X264} -bf 2`,
  "vfr.mp4":
    `-f lavfi -i testsrc2=s=32x18:r=30:d=1 -vf setpts='if(lt(N,10),N/30,N/15)/TB' -fps_mode vfr -enc_time_base 1:90000 ${X264}`,
  "late.mp4": `-itsoffset 0.517 -f lavfi -i testsrc2=s=32x18:r=25:d=1 ${X264}`,
  "late.mkv": `-f lavfi -i testsrc2=s=32x18:r=24000/1001:d=1 ${X264} -output_ts_offset 5`,
  "video.gif": "-f lavfi -i testsrc2=s=32x18:r=10:d=1",
};

testEachFfmpeg(ffmpegs, "readFrames() yields exact timestamps", async (tools) => {
  await withScratch(async ({ path }) => {
    for (const [name, args] of Object.entries(CLIPS)) {
      await make(own.ffmpeg, `${args} ${path(name)}`);
      const frames = await read(tools, path(name));
      assert.deepEqual(timestamps(frames), await framePts(own.ffprobe, path(name)), name);
      frames.slice(1).forEach(({ pts }, i) => assert.equal(frames[i]!.pts + frames[i]!.duration!, pts));
    }
  });
});

testEachFfmpeg(ffmpegs, "readFrames() keeps timestamps of MPEG-TS, or reports a crash of ffprobe", async (tools) => {
  await withScratch(async ({ path }) => {
    await make(
      own.ffmpeg,
      `-f lavfi -i testsrc2=s=32x18:r=25:d=1 ${X264} -muxdelay 0 -output_ts_offset 3600 ${path("a.ts")}`,
    );
    try {
      assert.deepEqual(timestamps(await read(tools, path("a.ts"))), await framePts(own.ffprobe, path("a.ts")));
    } catch (error) {
      assert.match(
        (error as Error).message,
        /ffprobe, reading .*a\.ts, was killed by signal SIGSEGV; set `ffmpeg` to another ffmpeg/,
      );
    }
  });
});

testEachFfmpeg(
  ffmpegs,
  "readFrames() yields the samples of the file, and the duration of the last frame",
  async (tools) => {
    await withScratch(async ({ path }) => {
      for (const format of ["yuv420p", "yuv422p10le", "gbrp16le", "gray16le", "yuva444p"]) {
        await make(
          own.ffmpeg,
          `-f lavfi -i testsrc2=s=33x17:r=8:d=0.5 -c:v ffv1 -pix_fmt ${format} ${path(`${format}.mkv`)}`,
        );
        const frames = await read(tools, path(`${format}.mkv`));
        const child = startProcess(own.ffmpeg, ["-v", "error", "-i", path(`${format}.mkv`), "-f", "rawvideo", "-"]);
        const raw = [];
        for await (const chunk of child.output()) raw.push(...chunk);
        await child.exit;
        assert.deepEqual(
          frames.flatMap(({ image }) => bytesOfImage(image).flatMap((bytes) => [...bytes])),
          raw,
          format,
        );
        assert.equal(frames.at(-1)!.duration, 125n);
      }
    });
  },
);

testEachFfmpeg(ffmpegs, "readFrames() starts and ends at exact times, also with a seek", async (tools) => {
  await withScratch(async ({ path }) => {
    for (const args of ["-bf 2 -g 12 a.mp4", "-bf 2 -g 250 b.mkv -output_ts_offset 3", "-g 12 c.mkv"]) {
      const [options, name] = [args.replace(/\w\.\w+/, ""), /\w\.\w+/.exec(args)![0]];
      await make(
        own.ffmpeg,
        `-f lavfi -i testsrc2=s=32x18:r=24:d=8 -c:v libx264 -pix_fmt yuv420p ${options} ${path(name)}`,
      );
      const media = await probeMedia(tools, path(name)),
        all = await read(tools, media),
        { timebase } = media.info.video;
      const second = timebase.den / timebase.num, zero = all[0]!.pts;
      for (
        const [start, end] of [[rational(1, 3), rational(2)], [rational(6), rational(13, 2)], [
          rational(7),
          undefined,
        ]] as const
      ) {
        const inside = all.filter(({ pts }) =>
          (pts - zero) * start.den >= start.num * second && (!end || (pts - zero) * end.den < end.num * second)
        );
        const part = await read(tools, media, { start, end });
        assert.deepEqual(timestamps(part), timestamps(inside), name);
        assert.deepEqual(part[0]!.image.planes, inside[0]!.image.planes, name);
        assert.deepEqual(part.at(-1)!.image.planes, inside.at(-1)!.image.planes, name);
      }
      await assert.rejects(read(tools, media, { start: rational(9) }), {
        name: "UsageError",
        message: /has no frame from 9\.000 s on/,
      });
    }
  });
});

testEachFfmpeg(ffmpegs, "readFrames() yields the complete frames of a truncated file and warns once", async (tools) => {
  await withScratch(async ({ path }) => {
    await make(own.ffmpeg, `-f lavfi -i testsrc2=s=64x36:r=24:d=2 ${X264} ${path("a.mkv")}`);
    const whole = await Deno.readFile(path("a.mkv"));
    await Deno.writeFile(path("cut.mkv"), whole.subarray(0, whole.length * 0.6));
    const warnings: string[] = [];
    const frames = await read(tools, path("cut.mkv"), { onWarning: (message) => warnings.push(message) });
    assert.ok(frames.length > 10 && frames.length < 48, `${frames.length} frames`);
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0]!,
      new RegExp(`cut\\.mkv: the file is damaged: .*; ${frames.length} frames could be decoded`),
    );
  });
});

/** Creates an ffmpeg that runs `script` when it decodes. */
async function fakeFfmpeg(path: string, script: string): Promise<FfmpegTools> {
  await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { ...own, ffmpeg: path };
}

testUnless(ON_WINDOWS, "readFrames() throws a JobError if the decoder is killed midway", async () => {
  await withScratch(async ({ path }) => {
    await make(own.ffmpeg, `-f lavfi -i testsrc2=s=64x36:r=24:d=2 ${X264} ${path("a.mkv")}`);
    const fake = await fakeFfmpeg(path("ffmpeg"), `"${own.ffmpeg}" "$@" | head -c 60000; kill -KILL $$`);
    await assert.rejects(read(fake, path("a.mkv")), {
      name: "JobError",
      message: /^ffmpeg, reading .*a\.mkv after frame 17, was killed by signal SIGKILL/,
    });
  });
});

testUnless(
  ON_WINDOWS,
  "readFrames() ends the decoder when the iteration ends early or is aborted",
  async () => {
    await withScratch(async ({ path }) => {
      await make(own.ffmpeg, `-f lavfi -i testsrc2=s=640x360:r=24:d=3 ${X264} ${path("a.mkv")}`);
      const fake = await fakeFfmpeg(path("ffmpeg"), `echo $$ > "${path("pid")}"; exec "${own.ffmpeg}" "$@"`);
      const { info, details } = await probeMedia(own, path("a.mkv"));
      const isGone = async () =>
        !(await new Deno.Command("kill", {
          args: ["-0", (await Deno.readTextFile(path("pid"))).trim()],
          stderr: "null",
        }).output()).success;
      for await (const _ of readFrames(fake, info, details, {})) break;
      assert.ok(await isGone());
      const stop = new AbortController();
      await assert.rejects(async () => {
        for await (const _ of readFrames(fake, info, details, { signal: stop.signal })) stop.abort();
      }, { name: "AbortError" });
      assert.ok(await isGone());
    });
  },
);

Deno.test("a video whose header has a wrong size is read with the size of its frames, or rejected in one line", async () => {
  await withScratch(async ({ path }) => {
    await make(own.ffmpeg, `-f lavfi -i testsrc2=s=64x36:r=10:d=0.5 -c:v prores_ks ${path("a.mov")}`);
    const bytes = await Deno.readFile(path("a.mov")), text = new TextDecoder("latin1").decode(bytes);
    // The height in the sample description, 34 bytes after its kind.
    const at = text.indexOf("apch") + 4 + 26;
    assert.equal(bytes[at]! << 8 | bytes[at + 1]!, 36);
    bytes[at] = 16;
    await Deno.writeFile(path("b.mov"), bytes);
    const media = await probeMedia(own, path("b.mov")), { info } = media;
    assert.deepEqual([info.video.width, info.video.height], [64, 36]);
    assert.equal((await read(own, media)).length, 5);
    const lying = { ...media, info: { ...info, video: { ...info.video, height: 40 } } };
    await assert.rejects(read(own, lying), {
      name: "JobError",
      message: /b\.mov: the file is damaged: its frames are not 64×40, as its header says/,
    });
  });
});

testEachFfmpeg(ffmpegs, "frames with a palette are read exactly", async (tools) => {
  await withScratch(async ({ path }) => {
    const made = "-f lavfi -i testsrc2=s=64x48:r=8:d=0.2,format=rgb24,noise=alls=60 -frames:v 1 -c:v rawvideo";
    await make(own.ffmpeg, `${made} -pix_fmt pal8 ${path("a.nut")}`);
    await make(own.ffmpeg, `-i ${path("a.nut")} -pix_fmt rgba -f rawvideo ${path("a.raw")}`);
    const expected = await Deno.readFile(path("a.raw")), media = await probeMedia(tools, path("a.nut"));
    const [{ image: { planes } }] = await read(tools, media) as [Frame];
    planes.forEach((plane, c) => plane.forEach((value, i) => assert.equal(value, expected[4 * i + c])));
  });
});
