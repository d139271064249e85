/** Plans of sources that are scanned in shards equal those of one pass. */
import { deepStrictEqual as equal, ok, rejects, throws } from "node:assert/strict";
import { randomIntegers } from "../_testing.ts";
import type { Frame, Image } from "../contracts/frame.ts";
import type { MediaReader, ReadOptions } from "../contracts/media.ts";
import { UsageError } from "../errors.ts";
import { retimeCurve } from "../retime/mod.ts";
import { compare, multiply, type Rational, rational, subtract } from "../time/rational.ts";
import type { FrameOptions } from "../video/interpolate.ts";
import { type PreparedJob, prepareJob } from "../video/prepare_job.ts";
import { flat, memoryMedia } from "../video/_testing.ts";
import { mergeShards } from "./merge_shards.ts";
import { planSegments } from "./plan_segments.ts";
import { scanShard, type ShardRange, shardRanges, usualShards } from "./scan_shard.ts";
import { decodeShard, encodeShard, encodeTask } from "./task_text.ts";
import { sinkOf } from "./_testing.ts";

/** Returns an image of a shot, whose texture has moved, with noise that differs from frame to frame. */
function scene(shot: number, moved: number, noise = 0): Image {
  const image = flat(0, 32, 18), [plane] = image.planes;
  const cell = (x: number, y: number) => (x * (37 + 11 * shot) + y * (53 + 7 * shot) + x * y * (3 + shot)) % 200;
  for (let y = 0; y < 18; y++) {
    for (let x = 0; x < 32; x++) {
      plane![32 * y + x] = cell((x + moved) >> 2, y >> 2) + 20 + (noise * (x * 7 + y * 13)) % 5;
    }
  }
  return image;
}

/** A frame to read: its timestamp in units of 1/1000 s, and its image. */
type Shown = readonly [pts: number, image: Image];

interface Source {
  readonly shown: readonly Shown[];
  readonly constantRate?: boolean;
  /** Changes the frames that are read from a time on. */
  readonly afterSeek?: (frames: Frame[]) => Frame[];
  /** Reports errors of decoding. */
  readonly isDamaged?: boolean;
}

const TIMEBASE = rational(1, 1000);

async function prepared(
  { shown, constantRate = false, afterSeek = (frames) => frames, isDamaged = false }: Source,
  frames: Partial<FrameOptions> = {},
  part: { readonly start?: Rational; readonly end?: Rational } = {},
): Promise<PreparedJob> {
  const { media } = memoryMedia({ levels: [0] }), start = rational(shown[0]![0], 1000);
  const info = (await media.source!.open("in")).info, { format, color } = shown[0]![1];
  const video = {
    ...{
      ...info.video,
      width: 32,
      height: 18,
      format,
      color,
      timebase: TIMEBASE,
      start,
      constantRate,
      rate: rational(25),
    },
    ...{ frames: shown.length, duration: rational(shown.at(-1)![0] + 40 - shown[0]![0], 1000) },
  };
  async function* read({ start: from, end, onErrors }: ReadOptions = {}): AsyncGenerator<Frame> {
    const at = (pts: bigint) => subtract(multiply(rational(pts), TIMEBASE), start);
    const all = shown.map(([pts, image], i): Frame => {
      const next = shown[i + 1]?.[0] ?? pts + 40;
      return { pts: BigInt(pts), timebase: TIMEBASE, duration: BigInt(next - pts), image, facts: {} };
    });
    const frames = all.filter(({ pts }) =>
      !(from && compare(at(pts), from) < 0) && !(end && compare(at(pts), end) >= 0)
    );
    if (frames.length === 0) throw new UsageError("in: no frame", { code: "empty-range" });
    try {
      for (const frame of from && from.num > 0n ? afterSeek(frames) : frames) yield await Promise.resolve(frame);
    } finally {
      if (isDamaged) onErrors?.();
    }
  }
  const reader: MediaReader = { info: { ...info, video }, frames: read, close: () => Promise.resolve() };
  const source = { accepts: () => Promise.resolve(true), open: () => Promise.resolve(reader) };
  const sampling = { kind: "factor", factor: rational(3) } as const;
  return await prepareJob({ input: "in", output: "out", frames: { sampling, ...frames }, ...part }, [
    { source, sink: media.sink! },
  ]);
}

/** Returns the plan and the tasks of a job as text, with those of the given shards instead of one pass. */
async function planned(job: PreparedJob, ranges?: readonly ShardRange[]): Promise<string[]> {
  const shards = ranges && await Promise.all(ranges.map(async (range) => {
    return decodeShard(encodeShard(await scanShard(job, range)));
  }));
  const scanned = shards && await mergeShards(job, shards);
  if (shards) ok(scanned, "the shards do not agree");
  const texts: string[] = [];
  const plan = await planSegments(job, sinkOf(7), {
    scanned,
    onTask: (task) => Promise.resolve(void texts.push(encodeTask(task))),
  });
  return [encodeTask(plan as never), ...texts];
}

/** Returns the ranges between borders in milliseconds. */
const rangesAt = (...borders: readonly number[]): ShardRange[] =>
  [...borders, undefined].map((end, i) => ({
    begin: i === 0 ? undefined : rational(borders[i - 1]!, 1000),
    end: end === undefined ? undefined : rational(end, 1000),
  }));

/** Checks that the plan in shards is that of one pass. */
async function check(job: PreparedJob, ...borders: readonly number[]): Promise<string[]> {
  const expected = await planned(job);
  equal(await planned(job, rangesAt(...borders)), expected, borders.join());
  return expected;
}

/** Returns a source with a cut every `shot` frames and `held` duplicates of each frame, at 25 frames per second. */
const regular = (count: number, shot: number, held: number, noise = 0): Shown[] =>
  Array.from({ length: count }, (_, i) => {
    return [40 * i, scene(Math.floor(i / shot) % 5, 3 * Math.floor(i / (held + 1)), noise * (i % 3))];
  });

Deno.test("shards equal one pass, with cuts and duplicates at, before and after their borders", async () => {
  for (const noise of [0, 1]) {
    const job = await prepared({ shown: regular(60, 12, 1, noise) });
    const [plan] = await planned(job), { cuts, duplicates } = JSON.parse(plan!);
    ok(cuts >= 4 && duplicates >= 10, plan);
    // A border at each frame around the cuts at 24 and 36, and between two frames.
    for (let frame = 22; frame <= 38; frame++) await check(job, 40 * frame);
    for (const time of [941, 959, 961, 979, 1441, 1439]) await check(job, time);
    await check(job, ...Array.from({ length: 59 }, (_, i) => 40 * (i + 1)));
  }
});

Deno.test("shards equal one pass, with runs of duplicates over their borders, and over whole shards", async () => {
  for (const noise of [0, 1]) {
    const still = (i: number) => Math.max(0, Math.min(i, 12)) + Math.max(0, i - 50);
    const shown = Array.from({ length: 70 }, (_, i): Shown => [40 * i, scene(1, 3 * still(i), noise * (i % 3))]);
    const job = await prepared({ shown });
    await check(job, 800);
    await check(job, 480, 520, 560, 1000, 1200, 1400, 1960, 2000, 2040);
  }
  const frozen = await prepared({ shown: Array.from({ length: 40 }, (_, i): Shown => [40 * i, scene(1, 0)]) });
  await check(frozen, 200, 800, 1000);
});

Deno.test("shards equal one pass, with few frames per second, and flashes at their borders", async () => {
  const shots = [0, 0, 0, 1, 1, 0, 0, 0, 2, 0, 0, 3, 3, 3, 0, 0, 4, 4, 0, 0];
  const job = await prepared({ shown: shots.map((shot, i) => [400 * i, scene(shot, 0)] as const) });
  for (let i = 1; i < shots.length; i++) await check(job, 400 * i);
});

Deno.test("shards equal one pass, whatever the source, the options and the borders", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = randomIntegers(seed), shown: Shown[] = [], count = 30 + next(60);
    let pts = next(3) === 0 ? 517 : 0, shot = 0, moved = 0;
    const isVariable = next(2) === 0;
    while (shown.length < count) {
      const kind = next(10);
      if (kind === 0) shot++;
      const length = kind < 3 ? 1 + next(20) : 1;
      if (kind > 0) moved += 1 + next(6);
      for (let i = 0; i < length && shown.length < count; i++) {
        shown.push([pts, scene(shot % 6, moved, kind < 5 ? next(3) : 0)]);
        pts += isVariable ? 1 + next(next(12) === 0 ? 1500 : 60) : 40;
      }
    }
    const until = pts - shown[0]![0], part: { start?: Rational; end?: Rational } = {};
    if (next(3) === 0) part.start = rational(next(until >> 1), 1000);
    if (next(3) === 0) part.end = rational((until >> 1) + 1 + next(until >> 1), 1000);
    const frames: Partial<FrameOptions> = {
      ...next(4) === 0 && { duplicates: "keep" },
      ...next(5) === 0 && { cuts: false },
      ...next(4) === 0 && { keepStill: true },
      ...next(4) === 0 && { sampling: { kind: "fps", fps: rational(30) } },
      ...next(5) === 0 && { loop: true },
      ...next(4) === 0 && { pairs: [{ frames: [3, 6], as: "hold" }, { frames: [9, 10], as: "cut" }] },
    };
    const job = await prepared({ shown, constantRate: next(3) > 0 }, frames, part);
    const begin = part.start ? Number(1000n * part.start.num / part.start.den) : 0;
    const borders = new Set(Array.from({ length: 1 + next(6) }, () => begin + 1 + next(until)));
    try {
      await check(job, ...[...borders].sort((a, b) => a - b));
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});

Deno.test("shards are not merged if they may differ from one pass", async () => {
  const shown = regular(60, 12, 1), ranges = rangesAt(800, 1600);
  const merged = async (source: Partial<Source>, frames?: Partial<FrameOptions>) => {
    const job = await prepared({ shown, ...source }, frames), scan = (range: ShardRange) => scanShard(job, range);
    return await mergeShards(job, await Promise.all(ranges.map(scan)));
  };
  equal((await merged({}))?.frames.length, 60);
  // After a seek, decoders may return other pixels, other timestamps, or fewer frames.
  const changes: ((frame: Frame) => Frame)[] = [
    (frame) => ({ ...frame, image: scene(4, 1) }),
    (frame) => ({ ...frame, pts: frame.pts + 1n }),
    (frame) => ({ ...frame, duration: 1n }),
  ];
  for (const change of changes) {
    equal(
      await merged({ afterSeek: (frames) => frames.map((frame, i) => i === 1 ? change(frame) : frame) }),
      undefined,
    );
  }
  equal(await merged({ afterSeek: (frames) => frames.toSpliced(4, 1) }), undefined);
  equal(await merged({ isDamaged: true }), undefined);
  const backward = shown.with(30, [40 * 29, shown[30]![1]]);
  equal(await merged({ shown: backward }), undefined);
  const job = await prepared({ shown }), shards = await Promise.all(ranges.map((range) => scanShard(job, range)));
  equal(await mergeShards(job, shards.slice(0, 2)), undefined);
  equal(await mergeShards(job, shards.toSpliced(1, 1)), undefined);
  equal(await mergeShards(job, []), undefined);
});

Deno.test("a shard reads a second before its frames, and up to the next change of content", async () => {
  const job = await prepared({ shown: regular(100, 200, 1) });
  const { pts, first, isEnd } = await scanShard(job, { begin: rational(2), end: rational(3) });
  equal([pts[0], pts[first!], pts.at(-1), isEnd], [1000n, 2000n, 3040n, false]);
  const signal = AbortSignal.abort(new Error("enough"));
  await rejects(scanShard(job, { begin: undefined, end: undefined }, { signal }), /enough/);
});

Deno.test("shardRanges() divides the part that a job reads, and usualShards() long sources only", async () => {
  const shown = [0, 3_600_000].map((pts): Shown => [pts, scene(1, 0)]);
  const hour = await prepared({ shown }),
    part = await prepared({ shown }, {}, { start: rational(60), end: rational(360) });
  equal([usualShards(hour), usualShards(part)], [13, 1]);
  equal(shardRanges(part, 3), [
    { begin: undefined, end: rational(160) },
    { begin: rational(160), end: rational(260) },
    { begin: rational(260), end: undefined },
  ]);
  const curve = retimeCurve({ position: [{ output: 0, source: 9 }, { output: 4, source: 1 }] });
  const reversed = await prepared({ shown }, { sampling: { kind: "curve", curve, fps: rational(25) } });
  equal(usualShards(reversed), 1);
  throws(() => shardRanges(reversed, 3), { name: "UsageError", option: "shards" });
  const { info } = hour, unknown = { ...hour, info: { ...info, video: { ...info.video, duration: undefined } } };
  equal(usualShards(unknown), 1);
  throws(() => shardRanges(unknown, 3), /its header has no duration/);
  throws(() => decodeShard('{"pts":'), /the file of a shard is damaged: .*; scan it again/);
});
