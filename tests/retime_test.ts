/** Videos whose speed varies, from the command line and the library: a square whose position tells the time of the source. */
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { openSlomo } from "@slomo/slomo";
import { parseRetime, parseSlow, type Retime, retimeCurve, slowCurve, type TimeCurve } from "@slomo/core/retime";
import { add, divide, multiply, rational, toNumber } from "@slomo/core/time";
import { testCases } from "./_more.ts";
import { BLEND, ffmpeg, inRepo, interpolate, pixels, timestamps, withFolder } from "./_tools.ts";

const WIDTH = 256, HEIGHT = 16, RATE = 25;

/** Creates a video in which a square moves by two pixels per frame, because chroma is subsampled. */
const square = (file: string, seconds = 4) =>
  ffmpeg(
    ...["-f", "lavfi", "-i", `color=black:s=${WIDTH}x${HEIGHT}:r=${RATE}:d=${seconds}`],
    ...["-f", "lavfi", "-i", `color=white:s=8x8:r=${RATE}:d=${seconds}`],
    ...["-filter_complex", "[0][1]overlay=x=4+50*t:y=4:eval=frame,format=gray", "-c:v", "ffv1", file],
  );

/** Returns the time of the source that each frame shows by the centroid of the square, in seconds. */
async function shownTimes(file: string): Promise<number[]> {
  const bytes = await pixels(file, "gray"), size = WIDTH * HEIGHT;
  return Array.from({ length: bytes.length / size }, (_, i) => {
    let sum = 0, moment = 0;
    bytes.subarray(i * size, (i + 1) * size).forEach((value, k) => {
      sum += value;
      moment += value * (k % WIDTH);
    });
    return (moment / sum - 7.5) / (2 * RATE);
  });
}

/** Checks that each frame shows the time of the curve, within 0.1 pixels, and has its own time. */
async function checkVideo(file: string, curve: TimeCurve, fps = rational(RATE), start = rational(0)): Promise<number> {
  const found = await shownTimes(file), times = await timestamps(file);
  equal(times.length, found.length);
  for (const [i, time] of found.entries()) {
    const elapsed = divide(rational(i), fps), due = Math.min(toNumber(curve.at(add(start, elapsed))!), 3.96);
    ok(Math.abs(time - due) * 2 * RATE < 0.1, `frame ${i} shows ${time} s instead of ${due} s`);
    ok(Math.abs(times[i]! - toNumber(elapsed)) < 0.0011, `frame ${i} is at ${times[i]} s`);
  }
  return found.length;
}

const FFV1 = ["--codec", "ffv1", "--no-cuts"];

const SLOW = "--slow plays ranges slower and faster, at the rate of the source or another one";
testCases(SLOW, [25, 12], [60], async (_, rates) => {
  await withFolder(async (_, at) => {
    await square(at("in.mkv"));
    const curve = slowCurve([parseSlow("1-2=4"), parseSlow("3-3.5=0.4")]), length = toNumber(curve.reach(rational(4)));
    for (const fps of rates) {
      const args = ["--slow", "1-2=4", "--slow", "3-3.5=0.4", "--fps", `${fps}`, ...FFV1];
      const run = await interpolate([at("in.mkv"), at(`${fps}.mkv`), ...args]);
      equal(
        [run.code, await checkVideo(at(`${fps}.mkv`), curve, rational(fps))],
        [0, Math.ceil(length * fps)],
        run.err,
      );
    }
    const part = await interpolate([
      at("in.mkv"),
      at("part.mkv"),
      "--slow",
      "1-2=4,3-3.5=0.4",
      "--start",
      "0.8",
      ...FFV1,
    ]);
    equal(part.code, 0, part.err);
    await checkVideo(at("part.mkv"), curve, rational(RATE), curve.reach(rational(4, 5)));
  });
});

Deno.test("--fps below the rate of the source interpolates where no source frame lies", async () => {
  await withFolder(async (_, at) => {
    await square(at("in.mkv"));
    equal((await interpolate([at("in.mkv"), at("out.mkv"), "--fps", "24000/1001", ...FFV1])).code, 0);
    const identity = slowCurve([parseSlow("0-4=1")], rational(0));
    equal(await checkVideo(at("out.mkv"), identity, rational(24000, 1001)), 96);
  });
});

const BACK: Retime = {
  position: [
    { output: 0, source: "0:00.5" },
    { output: 1, source: 3, curve: "smooth" },
    { output: 2, source: 2, curve: "linear" },
    { output: 2.5, source: 2 },
    { output: 3, source: 0.2, curve: "smooth" },
    { output: 4, source: 3.5 },
  ],
};

Deno.test("--retime follows keyframes, holds frames and plays backward", async () => {
  await withFolder(async (_, at) => {
    await square(at("in.mkv"));
    await Deno.writeTextFile(at("back.json"), JSON.stringify({ $schema: "retime.schema.json", ...BACK }));
    const run = await interpolate([at("in.mkv"), at("out.mkv"), "--retime", at("back.json"), ...FFV1]);
    equal([run.code, await checkVideo(at("out.mkv"), retimeCurve(BACK))], [0, 100], run.err);
    const plan = await interpolate([
      at("in.mkv"),
      at("new.mkv"),
      "--retime",
      at("back.json"),
      "--plan",
      "--json",
      ...FFV1,
    ]);
    const { output, curve } = JSON.parse(plan.out);
    equal([output.frames, output.seconds, curve[0]], [100, 4, { output: 0, source: 0.5, speed: 2.5, isBorder: true }]);
    equal(
      curve.filter(({ isBorder }: { isBorder: boolean }) => isBorder).map(({ output }: { output: number }) => output),
      [0, 1, 2, 2.5, 3],
    );
    ok(curve.some(({ speed }: { speed: number }) => speed < 0) && curve.length > 150);
    const text = await interpolate([at("in.mkv"), at("new.mkv"), "--slow", "1-2=4", "--ease", "0", "--plan", ...FFV1]);
    match(text.out, /^output .*: 175 frames, 7 s, 25 frames\/s/m);
    match(text.out, /^curve {4}1 s to 5 s shows 1 s to 2 s of the source, speed 0\.25$/m);
  });
});

Deno.test("--shutter blurs motion around the time of each frame", async () => {
  await withFolder(async (_, at) => {
    await square(at("in.mkv"));
    const run = await interpolate([at("in.mkv"), at("out.mkv"), "--fps", "10", "--shutter", "180", ...FFV1]);
    equal(run.code, 0, run.err);
    // At the beginning and at the end, exposures have only one half.
    const found = (await shownTimes(at("out.mkv"))).slice(1, -1), bytes = await pixels(at("out.mkv"), "gray");
    found.forEach((time, i) => ok(Math.abs(time - (i + 1) / 10) * 2 * RATE < 0.1, `frame ${i + 1} shows ${time} s`));
    const row = bytes.subarray(20 * WIDTH * HEIGHT + 8 * WIDTH, 20 * WIDTH * HEIGHT + 9 * WIDTH);
    const width = row.filter((value) => value > 8).length;
    // The square has 8 pixels, and moves by 2.5 pixels during the exposure.
    ok(width >= 10 && width <= 14, `${width} pixels`);
    const refused = await interpolate([at("in.mkv"), at("new.mkv"), "--shutter", "180"]);
    equal(refused.code, 2);
    match(refused.err, /--shutter needs a fixed frame rate: give --fps, --slow or --retime/);
  });
});

Deno.test("--pairs holds, cuts and blends the pairs that a file lists", async () => {
  await withFolder(async (_, at) => {
    await square(at("in.mkv"));
    await Deno.writeTextFile(
      at("pairs.json"),
      '{"pairs":[{"frames":[10,11],"as":"hold"},{"frames":[20,22],"as":"cut"}]}',
    );
    const run = await interpolate([at("in.mkv"), at("out.mkv"), "--factor", "4", "--pairs", at("pairs.json"), ...FFV1]);
    equal(run.code, 0, run.err);
    const frames = (await shownTimes(at("out.mkv"))).map((time) => Math.round(time * RATE * 100) / 100);
    equal(frames.slice(39, 45), [9.75, 10, 10, 10, 10, 11]);
    equal(frames.slice(79, 89), [19.75, 20, 20, 21, 21, 21, 21, 22, 22, 22]);
    const refused = await interpolate([at("in.mkv"), at("new.mkv"), "--pairs", at("none.json")]);
    equal(refused.code, 2);
    match(refused.err, /none\.json: cannot read --pairs: /);
  });
});

Deno.test("a function retimes a video, and frames of a program", async () => {
  await withFolder(async (_, at) => {
    await square(at("in.mkv"));
    await using slomo = await openSlomo({ manifest: BLEND, backend: "cpu", workers: 0 });
    const half = (time: { num: bigint; den: bigint }) => multiply(time, rational(1, 2));
    const summary = await slomo.convert(at("in.mkv"), at("out.mkv"), { retime: half, encoder: "ffv1", cuts: false });
    equal(summary.written, 200);
    await checkVideo(at("out.mkv"), slowCurve([parseSlow("0-4=2")], rational(0)));
    const levels = [0, 50, 100].map((level) =>
      new ImageData(new Uint8ClampedArray(4 * 32 * 32).map((_, i) => i % 4 === 3 ? 255 : level), 32, 32)
    );
    const seen: [number, number][] = [];
    const options = { slow: ["0.04-0.08=2"], ease: 0, cuts: false as const };
    for await (const frame of slomo.frames(levels, options)) seen.push([frame.time, frame.toRgba().data[0]!]);
    equal(seen, [[0, 0], [0.04, 50], [0.08, 75], [0.12, 100]]);
    const back: [number, number][] = [];
    const read = slomo.frames(at("in.mkv"), {
      retime: { position: [{ output: 0, source: 2 }, { output: 0.2, source: 1.8 }] },
      cuts: false,
    });
    for await (const { time, t } of read) back.push([Math.round(100 * (time - 2)) / 100, t ?? 0]);
    equal(back, [[0, 0], [0.04, 0], [0.08, 0], [0.12, 0], [0.16, 0]]);
  });
});

Deno.test("a resumed run along a curve has the bytes of an uninterrupted one, and another curve starts again", async () => {
  await withFolder(async (_, at) => {
    await square(at("in.mkv"), 2);
    const position = [[0, 0.2], [0.6, 1.6], [1.6, 0.4], [2, 1]].map(([output, source]) => ({ output, source }));
    await Deno.writeTextFile(at("back.json"), JSON.stringify({ position }));
    // A segment is 12 frames.
    const more = ["--manifest", inRepo("tests/fixtures/segments.json"), ...FFV1, "--overwrite"];
    const run = (out: string, curve: readonly string[], ...args: string[]) =>
      interpolate([at("in.mkv"), at(out), ...curve, ...more, ...args]);
    const interrupt = async (curve: readonly string[]) => {
      const controller = new AbortController();
      let frames = 0;
      const onLine = (line: string) => {
        if (JSON.parse(line).type === "frame" && ++frames === 30) controller.abort();
      };
      await interpolate([at("in.mkv"), at("out.mkv"), ...curve, ...more, "--json"], {
        signal: controller.signal,
        onLine,
      });
    };
    const slow = ["--slow", "0.5-1=3"], back = ["--retime", at("back.json")];
    for (const curve of [slow, back]) {
      equal((await run("whole.mkv", curve)).code, 0);
      await interrupt(curve);
      const resumed = await run("out.mkv", curve, "--resume");
      match(resumed.err, /continuing after the (12|24) frames/);
      equal(await Deno.readFile(at("out.mkv")), await Deno.readFile(at("whole.mkv")));
    }
    await interrupt(slow);
    match((await run("out.mkv", back, "--resume")).err, /`?--slow/);
    equal(await Deno.readFile(at("out.mkv")), await Deno.readFile(at("whole.mkv")));
  });
});

Deno.test("bad curves are refused in one line, before work", async () => {
  await withFolder(async (_, at) => {
    await square(at("in.mkv"));
    const refuses = async (message: RegExp, ...args: string[]) => {
      const { code, err, out } = await interpolate([at("in.mkv"), at("out.mkv"), ...args]);
      equal([code, out], [2, ""], err);
      match(err, message);
      equal(err.trim().split("\n").filter((line) => !line.startsWith("computing")).length, 1, err);
    };
    await refuses(/--slow 1-3=2 and 2-4=3 overlap/, "--slow", "1-3=2", "--slow", "2-4=3");
    await refuses(/--slow: 3-9=2 is beyond the end of .*, which lasts 4 s/, "--slow", "3-9=2");
    await refuses(/--slow must be a range of times/, "--slow", "soon");
    await refuses(/--ease has no effect without --slow/, "--ease", "1");
    await refuses(/--factor and --slow cannot be combined/, "--slow", "1-2=2", "--factor", "2");
    await refuses(/--slow and --slow-motion cannot be combined/, "--slow", "1-2=2", "--slow-motion");
    await refuses(/none\.json: cannot read --retime: /, "--retime", at("none.json"));
    for (
      const [text, message] of [
        ["{", /bad\.json: cannot read --retime: it is not JSON/],
        ['{"speed":[{"at":1,"speed":0}]}', /bad\.json: --retime: the keyframe at 1 has speed 0 but no `hold`/],
        ['{"position":[{"output":0,"source":0},{"output":1,"source":7}]}', /--retime: source time 7 is beyond the end/],
      ] as const
    ) {
      await Deno.writeTextFile(at("bad.json"), text);
      await refuses(message, "--retime", at("bad.json"));
    }
    await ffmpeg(
      "-i",
      at("in.mkv"),
      "-f",
      "lavfi",
      "-i",
      "sine=d=4",
      "-c:v",
      "copy",
      "-c:a",
      "pcm_s16le",
      at("sound.mkv"),
    );
    await Deno.writeTextFile(at("back.json"), JSON.stringify(BACK));
    const { code, err } = await interpolate([at("sound.mkv"), at("out.mkv"), "--retime", at("back.json")]);
    equal(code, 2);
    match(err, /sound\.mkv: cannot play its audio backward; set --audio to "keep" for silence there, or to "drop"/);
    ok(parseRetime(JSON.stringify(BACK), "back.json").runs.length > 2);
  });
});
