import { deepStrictEqual as equal } from "node:assert/strict";
import type { Frame, Image } from "../contracts/frame.ts";
import { add, compare, format, multiply, type Rational, rational } from "../time/rational.ts";
import { createTimeline, type Sampling, timeOf } from "./timeline.ts";

const image = {} as Image;
const frame = (pts: number, timebase: Rational): Frame => ({ pts: BigInt(pts), timebase, image, facts: {} });
const videos = {
  video: Array.from({ length: 96 }, (_, i) => frame(i * 1001, rational(1, 24000))),
  offset: Array.from({ length: 12 }, (_, i) => frame(133508 + i * 3750, rational(1, 90000))),
  variable: [0, 3000, 6000, 12000, 18000, 18100].map((pts) => frame(pts, rational(1, 90000))),
};
const factor = (num: number, den = 1): Sampling => ({ kind: "factor", factor: rational(num, den) });
const fps = (num: number, den = 1) => ({ kind: "fps" as const, fps: rational(num, den) });

function times(
  frames: readonly Frame[],
  sampling: Sampling,
  { slow = rational(1), holdLast = true, loop = false } = {},
) {
  const timeline = createTimeline(frames[0]!, { sampling, slowdown: slow, holdLast });
  const last = frames.at(-1)!, duration = add(timeOf(last), multiply(timeOf(frames.at(-2)!), rational(-1)));
  const slots = frames.slice(1).flatMap((second, i) =>
    timeline.between(frames[i]!, second).map((slot) => ({ ...slot, source: i }))
  );
  const tail = (loop ? timeline.loopPair : timeline.end)(last, duration);
  const all = [...slots, ...tail.map((slot) => ({ ...slot, source: frames.length - 1 }))];
  return all.map((slot) => ({ ...slot, time: multiply(rational(slot.pts), timeline.timebase) }));
}

Deno.test("createTimeline() by factor returns factor · N frames for video, evenly spaced and exact", () => {
  const doubled = times(videos.video, factor(2));
  equal(doubled.length, 192);
  doubled.forEach(({ time }, i) => equal(time, rational(i * 1001, 48000)));
  const half = times(videos.video, factor(5, 2));
  equal(half.length, 240);
  half.forEach(({ time }, i) => equal(time, rational(i * 1001, 60000)));
  equal(half.slice(0, 6).map(({ t }) => format(t)), ["0", "2/5", "4/5", "1/5", "3/5", "0"]);
});

Deno.test("createTimeline() keeps the first timestamp", () => {
  for (const sampling of [factor(3), fps(60)]) {
    equal(times(videos.offset, sampling)[0]!.time, rational(133508, 90000));
  }
});

Deno.test("createTimeline() for images ends with the last frame", () => {
  equal(times(videos.video, factor(4), { holdLast: false }).length, 4 * 95 + 1);
  const four = times(videos.video.slice(0, 4), factor(5, 2), { holdLast: false });
  equal(four.map(({ source, t }) => [source, format(t)]).slice(-2), [[2, "4/5"], [3, "0"]]);
});

Deno.test("createTimeline() by rate places frames at i / rate from the first timestamp to the end of the last frame", () => {
  for (const [rate, count] of [[fps(60), 241], [fps(120), 481], [fps(60000, 1001), 240]] as const) {
    const slots = times(videos.video, rate);
    equal(slots.length, count);
    slots.forEach(({ time }, i) => equal(time, multiply(rational(i), rational(rate.fps.den, rate.fps.num))));
  }
});

Deno.test("createTimeline() computes t from the timestamps of a variable frame rate", () => {
  const slots = times(videos.variable, fps(60));
  const at = (i: number) => ({ source: slots[i]!.source, t: format(slots[i]!.t) });
  equal([at(1), at(5)], [{ source: 0, t: "1/2" }, { source: 2, t: "1/4" }]);
  const even = times(videos.variable, factor(2)).map(({ pts }) => pts);
  equal(even.slice(4, 8), [12000n, 18000n, 24000n, 30000n]);
});

Deno.test("createTimeline() keeps a last frame that is shorter than the output interval", () => {
  const slots = times(videos.variable, fps(30));
  equal(slots.at(-1)!.source, 5);
  for (let i = 1; i < slots.length; i++) equal(compare(slots[i]!.time, slots[i - 1]!.time), 1);
});

Deno.test("createTimeline() in slow motion stretches time and keeps the rate", () => {
  for (const k of [rational(4), rational(5, 2)]) {
    const slots = times(videos.video, { kind: "factor", factor: k }, { slow: k });
    equal(slots.length, 96 * Number(k.num) / Number(k.den));
    slots.forEach(({ time }, i) => equal(time, rational(i * 1001, 24000)));
  }
});

Deno.test("createTimeline() interpolates between the last frame and the first in a loop", () => {
  const slots = times(videos.video.slice(0, 3), factor(2), { loop: true });
  equal(slots.map(({ source, t }) => [source, format(t)]).slice(-2), [[2, "0"], [2, "1/2"]]);
});
