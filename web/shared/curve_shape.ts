/** The shape of speed curves: their lines for the chart, the length of the output, and the source times that they show. */
import { type Curve, curveOf, type Key, type Point, secondsOf } from "./curve.ts";
import type { Settings } from "./types.ts";

/** A span between two keyframes of the speed. */
interface Span {
  /** Seconds of the output. */
  readonly seconds: number;
  /** Returns the source time and the speed at a share of the output time, from 0 to 1. */
  at(share: number): Point;
}

function spanOf(a: Key, b: Point): Span {
  const length = b.x - a.x, change = a.curve === "constant" ? 0 : b.y - a.y, seconds = length / (a.y + change / 2);
  const isSmooth = a.curve === "smooth";
  return {
    seconds,
    at: (p) => ({
      x: a.x + seconds * (a.y * p + change * (isSmooth ? p ** 3 - p ** 4 / 2 : p * p / 2)),
      y: a.y + change * (isSmooth ? 3 * p * p - 2 * p ** 3 : p),
    }),
  };
}

/** Returns the share of a span's output time at which it reaches a source time. */
function shareAt(span: Span, x: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (span.at(middle).x < x) low = middle;
    else high = middle;
  }
  return high;
}

/** Returns the spans of speeds from the beginning to the end of the source, and how long the frame before each is held. */
export function spansOf(
  keys: readonly Key[],
  end: number,
): (Span & { readonly from: number; readonly hold: number })[] {
  const first = keys[0]!, last = keys.at(-1)!;
  const all: Key[] = [
    ...first.x > 0 ? [{ ...first, x: 0, curve: "constant" as const, hold: 0 }] : [],
    ...keys,
    ...last.y > 0 && last.x < end ? [{ ...last, x: end, hold: 0 }] : [],
  ];
  return all.slice(0, -1).map((key, i) => ({ ...spanOf(key, all[i + 1]!), from: key.x, hold: key.hold }))
    .filter(({ from }) => from < end);
}

/** Steps into which the line of a span that bends is divided. */
const STEPS = 24;

/** Returns the speed at each position: the harmonic mean of those on both sides, so that the curve never overshoots. */
function slopes(keys: readonly Key[]): number[] {
  const speeds = keys.slice(1).map(({ x, y }, i) => (y - keys[i]!.y) / (x - keys[i]!.x));
  return keys.map((_, i) => {
    const before = speeds[i - 1], after = speeds[i];
    if (before === undefined || after === undefined) return before ?? after ?? 0;
    return before * after <= 0 ? 0 : 2 * before * after / (before + after);
  });
}

/** Returns the line of a curve. @param end End of the source in seconds. */
export function lineOf({ kind, keys }: Curve, end: number): Point[] {
  const shares = Array.from({ length: STEPS + 1 }, (_, i) => i / STEPS);
  if (kind === "speed") return spansOf(keys, end).flatMap((span) => shares.map((share) => span.at(share)));
  const times = keys.slice(1).flatMap((b, i) => {
    const a = keys[i]!;
    return a.curve === "smooth" ? shares.map((share) => a.x + share * (b.x - a.x)) : [a.x, b.x];
  });
  const at = positionsOf(keys);
  return times.map((x) => ({ x, y: at(x) }));
}

/** Returns the function of positions: from the time of the output to that of the source. */
function positionsOf(keys: readonly Key[]): (output: number) => number {
  const slope = slopes(keys);
  return (output) => {
    const i = Math.max(0, Math.min(keys.length - 2, keys.findLastIndex(({ x }) => x <= output)));
    const a = keys[i]!, b = keys[i + 1]!, length = b.x - a.x, speed = (b.y - a.y) / length;
    const x = Math.max(0, Math.min(length, output - a.x)), isStraight = a.curve !== "smooth" || speed === 0;
    if (isStraight) return a.y + x * speed;
    const [from, to] = [slope[i]!, slope[i + 1]!];
    const square = (3 * speed - 2 * from - to) / length, cubic = (from + to - 2 * speed) / length ** 2;
    return a.y + x * (from + x * (square + x * cubic));
  };
}

/** Returns the function of speeds: from the time of the output to that of the source. */
function speedsOf(keys: readonly Key[], end: number): (output: number) => number {
  const spans = spansOf(keys, end), last = keys.at(-1)!;
  return (output) => {
    let rest = output;
    for (const span of spans) {
      if (rest < span.hold) return span.from;
      rest -= span.hold;
      if (rest < span.seconds) return Math.min(end, span.at(rest / span.seconds).x);
      rest -= span.seconds;
    }
    return last.y === 0 ? Math.min(end, last.x) : end;
  };
}

/** Returns the time of the output of speeds at which a time of the source is reached. */
function outputAt(keys: readonly Key[], source: number, end: number): number {
  let output = 0;
  for (const span of spansOf(keys, end)) {
    const isInside = span.at(1).x > source, share = isInside ? shareAt(span, source) : 1;
    output += (span.from < source ? span.hold : 0) + share * span.seconds;
    if (isInside) break;
  }
  return output;
}

/**
 * Returns the function from times of a result to times of its source, in seconds from their first frames.
 *
 * @param settings Those of its job.
 * @param end Length of the source.
 * @param length Length of the result.
 */
export function sourceTimes(settings: Settings, end: number, length: number): (output: number) => number {
  const given = (value: string | boolean | undefined, otherwise: number) =>
    typeof value === "string" && value !== "" ? secondsOf(value) : otherwise;
  const from = given(settings.start, 0), to = Math.min(end, given(settings.end, end)), curve = curveOf(settings);
  if (curve?.kind === "position") return positionsOf(curve.keys);
  if (curve) {
    const first = from > 0 ? outputAt(curve.keys, from, end) : 0, at = speedsOf(curve.keys, end);
    return (output) => at(first + output);
  }
  // A result without slow motion lasts as long as its source, except for a part of a frame.
  const ratio = length / (to - from), slow = Math.abs(ratio - 1) > 0.02 ? ratio : 1;
  return (output) => from + output / slow;
}

/** Returns the speed at a time of the source. */
export function speedAt({ keys }: Curve, x: number, end: number): number {
  const span = spansOf(keys, end).findLast(({ from }) => from <= x);
  return span ? span.at(shareAt(span, x)).y : keys.at(-1)!.y;
}

/** Returns the length of the output in seconds. @param end End of the source in seconds. */
export function outputLength({ kind, keys }: Curve, end: number): number {
  if (kind === "position") return keys.at(-1)!.x;
  const last = keys.at(-1)!, rest = last.x >= end || last.y === 0 ? last.hold : 0;
  return spansOf(keys, end).reduce((sum, span) => {
    const share = span.at(1).x > end ? shareAt(span, end) : 1;
    return sum + span.hold + share * span.seconds;
  }, rest);
}
