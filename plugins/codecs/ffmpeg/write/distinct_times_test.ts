import assert from "node:assert/strict";
import type { Frame } from "@slomo/core";
import { format, multiply, type Rational, rational } from "@slomo/core/time";
import { copyVideo, framePts, make, testEachFfmpegCases, testFfmpegs, withScratch } from "../../_testing.ts";
import { ffmpegMedia } from "../media.ts";
import { checkRate, DistinctTimes } from "./distinct_times.ts";
import { containerOf } from "./containers.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;

const image: Frame["image"] = {
  ...{ width: 1, height: 1, format: { model: "gray", depth: 8, chroma: [1, 1], alpha: false } },
  ...{ color: {}, planes: [new Uint8Array(1)] },
};

/** Returns the times of frames at `pts`, in units of `timebase`, after `DistinctTimes` has placed them. */
function placed(pts: readonly number[], timebase: Rational, name: string): string[] {
  const times = new DistinctTimes({ timebase, container: containerOf(name), origin: rational(0) });
  return pts.map((pts) => {
    const frame = times.place({ pts: BigInt(pts), timebase, image, facts: {} });
    return format(multiply(rational(frame.pts), frame.timebase));
  });
}

Deno.test("DistinctTimes moves only frames whose stored timestamps would be equal", () => {
  const even = [0, 10, 20, 30];
  assert.deepEqual(placed(even, rational(1, 10_000), "a.mkv"), ["0", "1/1000", "1/500", "3/1000"]);
  assert.deepEqual(placed([0, 4, 8, 30], rational(1, 10_000), "a.mkv"), ["0", "1/1000", "1/500", "3/1000"]);
  assert.deepEqual(placed([0, 6, 14, 16], rational(1, 10_000), "a.mkv"), ["0", "3/5000", "1/500", "3/1000"]);
  assert.deepEqual(placed([0, 1, 2, 9], rational(1, 90_000), "a.ts"), ["0", "1/45000", "1/22500", "1/10000"]);
  assert.deepEqual(placed([0, 1, 2, 3], rational(1, 60_000), "a.mp4"), ["0", "1/60000", "1/30000", "1/20000"]);
});

Deno.test("checkRate() rejects rates that the timestamps of a container do not allow", () => {
  const check = (location: string, rate?: number, meanRate?: number) =>
    checkRate(containerOf(location), {
      location,
      rate: rate === undefined ? undefined : rational(rate),
      meanRate: meanRate === undefined ? undefined : rational(meanRate),
    });
  for (const name of ["a.mkv", "a.webm"]) {
    check(name, 1000);
    const message =
      /^a\.\w+: cannot store 2000 frames per second: .* allow 1000; choose \.mp4, \.mov or \.ts, or a lower/;
    assert.throws(() => check(name, 2000), { name: "UsageError", message });
    assert.throws(() => check(name, undefined, 2000), { name: "UsageError", message });
  }
  check("a.mp4", 100_000);
  check("a.ts", 40_000);
  assert.throws(() => check("a.ts", 50_000), /choose \.mp4 or \.mov/);
});

const INCREASE = "timestamps increase strictly in every container, however close they are";
testEachFfmpegCases(ffmpegs, INCREASE, ["mkv", "mp4", "ts"], ["mkv", "mov", "webm"], async (tools, endings) => {
  await withScratch(async ({ path }) => {
    const codec = ffmpegMedia({ ffmpeg: tools.ffmpeg, segmentFrames: 10 });
    await make(own.ffmpeg, `-f lavfi -i testsrc2=s=32x32:r=25:d=1 -c:v libx264 -pix_fmt yuv420p ${path("in.mp4")}`);
    const warnings: string[] = [];
    const resumption = {
      ...{ facts: () => Promise.resolve({}), resume: false },
      onEvent: ({ message }: { readonly message: string }) => void warnings.push(message),
    };
    // Frames 5 to 14 follow each other in steps of 1/512000 s.
    const change = (frame: Frame, index: number): Frame => {
      const isNear = index >= 5 && index < 15,
        pts = 20_480n * BigInt(isNear ? 5 : index) + BigInt(isNear ? index - 5 : 0);
      return { ...frame, timebase: rational(1, 512_000), pts, duration: undefined };
    };
    for (const ending of endings) {
      const out = path(`out.${ending}`), encoder = ending === "webm" ? "libvpx" : "libx264";
      const timing = { rate: undefined, timebase: rational(1, 512_000) };
      await copyVideo(codec, path("in.mp4"), out, { ...timing, encoder, change, resumption });
      const times = (await framePts(own.ffprobe, out)).map(Number);
      assert.equal(times.length, 25, ending);
      times.slice(1).forEach((time, index) =>
        assert.ok(time > times[index]!, `${ending}: frame ${index + 1} at ${time} after ${times[index]}`)
      );
    }
    assert.ok(
      warnings.some((text) => /^\d+ frames are shown up to 0\.00\d+ s later: .* matroska/.test(text)),
      warnings[0],
    );
  });
});
