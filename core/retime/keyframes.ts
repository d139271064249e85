import { z } from "zod";
import { UsageError } from "../errors.ts";
import { checkValue, jsonOf } from "../json.ts";
import { parseRational, parseTime } from "../time/parse.ts";
import { add, compare, divide, multiply, type Rational, rational, subtract, toNumber } from "../time/rational.ts";
import { pieceCurve, type TimeCurve } from "./curve.ts";
import { PieceList } from "./speed.ts";

/** A keyframe of the speed. */
export interface SpeedKeyframe {
  /** Time of the source, from its first frame: seconds, or a time such as `"1:02.5"`. */
  readonly at: number | string;
  /** Speed from here on: 1 is the speed of the source, 0.125 or `"1/8"` is eight times slower. */
  readonly speed: number | string;
  /** How the speed changes up to the next keyframe: not at all, evenly, or with a smooth start and end. @default {"smooth"} */
  readonly curve?: "constant" | "linear" | "smooth" | undefined;
  /** Seconds for which the frame is held, before the video goes on. */
  readonly hold?: number | string | undefined;
}

/** A keyframe of the source's time. */
export interface PositionKeyframe {
  /** Time of the output: seconds, or a time such as `"1:02.5"`. */
  readonly output: number | string;
  /** Time of the source that it shows, from its first frame. */
  readonly source: number | string;
  /** How the source's time changes up to the next keyframe: evenly, or without sudden changes of speed. @default {"linear"} */
  readonly curve?: "linear" | "smooth" | undefined;
}

/** Keyframes of a curve, as files of `retime` have them: either `speed` or `position`. */
export interface Retime {
  /** Location of the JSON Schema, for editors. */
  readonly $schema?: string | undefined;
  /** Speeds over the time of the source, in order. Before the first keyframe and after the last, the speed is theirs. */
  readonly speed?: readonly SpeedKeyframe[] | undefined;
  /**
   * Times of the source over the time of the output, in order, the first at 0. Equal times hold a frame; earlier ones play
   * backward.
   */
  readonly position?: readonly PositionKeyframe[] | undefined;
}

const time = z.union([z.number().min(0), z.string()]);
const number = z.union([z.number(), z.string()]);

const retimeSchema: z.ZodType<Retime> = z.strictObject({
  $schema: z.string().optional().describe("Location of the JSON Schema, for editors"),
  speed: z.array(z.strictObject({
    at: time.describe("Time of the source, from its first frame: seconds, or a time such as 1:02.5"),
    speed: number.describe(
      "Speed from here on, as a number or a fraction such as 1/8: 1 is the speed of the source, 0.125 is eight times slower",
    ),
    curve: z.enum(["constant", "linear", "smooth"]).optional().describe(
      "How the speed changes up to the next keyframe: not at all, evenly, or with a smooth start and end (default: smooth)",
    ),
    hold: number.optional().describe("Seconds for which the frame is held, before the video goes on"),
  })).min(1).optional().describe(
    "Speeds over the time of the source, in order. Before the first keyframe and after the last, the speed is theirs",
  ),
  position: z.array(z.strictObject({
    output: time.describe("Time of the output: seconds, or a time such as 1:02.5"),
    source: time.describe("Time of the source that it shows, from its first frame"),
    curve: z.enum(["linear", "smooth"]).optional().describe(
      "How the source's time changes up to the next keyframe: evenly, or without sudden changes of speed (default: linear)",
    ),
  })).min(2).optional().describe(
    "Times of the source over the time of the output, in order, the first at 0. Equal times hold a frame; earlier ones " +
      "play backward",
  ),
}).describe("How a video is retimed: `speed` or `position`");

const ZERO = rational(0), LIMIT = rational(1000);

function refuse(problem: string): never {
  throw new UsageError(`\`retime\`: ${problem}`, { option: "retime" });
}

function timeOf(value: number | string): Rational {
  return parseTime(`${value}`) ?? parseRational(`${value}`) ??
    refuse(`"${value}" must be a time, such as 12.5 or 1:02.5`);
}

function numberOf(value: number | string): Rational {
  return parseRational(`${value}`) ?? refuse(`"${value}" must be a number, such as 0.125 or 1/8`);
}

/** Adds keyframes of the speed to a list of pieces. */
function addSpeeds(list: PieceList, keyframes: readonly SpeedKeyframe[]): void {
  const keys = keyframes.map(({ at, speed, curve = "smooth", hold }) => ({
    text: `the keyframe at ${at}`,
    at: timeOf(at),
    speed: numberOf(speed),
    curve,
    hold: hold === undefined ? undefined : numberOf(hold),
  }));
  for (const { text, speed, hold } of keys) {
    if (speed.num < 0n) {
      refuse(`${text} has a negative speed; to play backward, give keyframes of \`position\` instead`);
    }
    if (compare(speed, LIMIT) > 0) refuse(`${text} has a speed above 1000`);
    if (speed.num === 0n && !hold) refuse(`${text} has speed 0 but no \`hold\`; give the seconds for which it is held`);
    if (speed.num > 0n && compare(speed, rational(1, 1000)) < 0) refuse(`${text} has a speed below 0.001`);
    if (hold && (hold.num <= 0n || compare(hold, rational(3600)) > 0)) {
      refuse(`${text}: \`hold\` must be above 0 and at most 3600`);
    }
  }
  const first = keys[0]!;
  if (first.at.num > 0n) {
    if (first.speed.num === 0n) refuse(`${first.text} has speed 0 and is the first: the video would never get there`);
    list.play({ length: first.at, from: first.speed, to: first.speed, curve: "constant" });
  }
  for (const [index, { text, at, speed, curve, hold }] of keys.entries()) {
    const next = keys[index + 1];
    if (hold) list.hold(hold);
    if (!next) {
      // Nothing follows a frame that is held for good.
      if (speed.num > 0n) list.play({ length: undefined, from: speed, to: speed, curve: "constant" });
      continue;
    }
    const length = subtract(next.at, at), to = curve === "constant" ? speed : next.speed;
    if (length.num <= 0n) refuse(`${next.text} must be after ${text}; sort the keyframes by time`);
    if (speed.num === 0n && to.num === 0n) {
      refuse(`the video would never get from ${text} to ${next.text}: the speed stays 0`);
    }
    list.play({ length, from: speed, to, curve });
  }
}

/** Adds keyframes of the source's time to a list of pieces. */
function addPositions(list: PieceList, keyframes: readonly PositionKeyframe[]): void {
  const keys = keyframes.map(({ output, source, curve = "linear" }) => ({
    text: `the keyframe at ${output}`,
    ...{ output: timeOf(output), source: timeOf(source), curve },
  }));
  if (keys[0]!.output.num !== 0n) refuse(`${keys[0]!.text} must be at 0, because it is the first`);
  const spans = keys.slice(1).map((next, index) => {
    const { text, output, source, curve } = keys[index]!, length = subtract(next.output, output);
    if (length.num <= 0n) refuse(`${next.text} must be after ${text}; sort the keyframes by time`);
    const change = subtract(next.source, source);
    return { text, length, curve, speed: divide(change, length) };
  });
  for (const { text, speed } of spans) {
    if (Math.abs(toNumber(speed)) > 1000) refuse(`the speed after ${text} is above 1000`);
  }
  /** Returns the speed at a keyframe: the harmonic mean of those on both sides, so that the curve never overshoots. */
  const slopeAt = (index: number): Rational => {
    const [before, after] = [spans[index - 1]?.speed, spans[index]?.speed];
    if (!before || !after) return (before ?? after)!;
    if (before.num * after.num <= 0n) return ZERO;
    return divide(multiply(rational(2), multiply(before, after)), add(before, after));
  };
  for (const [index, { length, curve, speed }] of spans.entries()) {
    const direction = speed.num === 0n ? 0 : speed.num > 0n ? 1 : -1;
    if (curve === "linear" || direction === 0) {
      list.add(length, [speed], direction);
      continue;
    }
    // The cubic polynomial with these speeds at both ends.
    const [start, end] = [slopeAt(index), slopeAt(index + 1)], sum = add(start, end);
    const square = divide(subtract(multiply(rational(3), speed), add(start, sum)), length);
    const cubic = divide(subtract(sum, multiply(rational(2), speed)), multiply(length, length));
    list.add(length, [start, square, cubic], direction);
  }
}

/**
 * Creates the curve of keyframes.
 *
 * @throws {UsageError} If they are not valid, or the video would stop for good.
 *
 * @example
 * ```ts
 * import { retimeCurve } from "@slomo/core/retime";
 * import { rational } from "@slomo/core/time";
 * import assert from "node:assert/strict";
 *
 * const back = retimeCurve({ position: [{ output: 0, source: 4 }, { output: 2, source: 0 }] });
 * assert.deepEqual(back.at(rational(1)), rational(2));
 * ```
 */
export function retimeCurve(retime: Retime): TimeCurve {
  const { speed, position } = checkValue(
    retime,
    retimeSchema,
    (message, path) => refuse(`the keyframes are not valid${path && ` at ${path}`}: ${message}`),
  );
  if (speed && !position) {
    const list = new PieceList(), last = speed.at(-1)!.at;
    addSpeeds(list, speed);
    return pieceCurve(list.pieces, {
      over: "source",
      named: { option: "retime", text: `keyframe at ${last}`, time: timeOf(last) },
    });
  }
  if (position && !speed) {
    const list = new PieceList(timeOf(position[0]!.source));
    addPositions(list, position);
    const latest = position.map(({ source }) => source).reduce((a, b) => compare(timeOf(a), timeOf(b)) >= 0 ? a : b);
    return pieceCurve(list.pieces, {
      over: "output",
      named: { option: "retime", text: `source time ${latest}`, time: timeOf(latest) },
    });
  }
  refuse("give keyframes of either `speed` or `position`");
}

/**
 * Parses the text of a file of `retime`.
 *
 * @param location Location of the file, for errors.
 * @throws {UsageError} If it is not JSON, or the keyframes are not valid.
 */
export function parseRetime(text: string, location: string): TimeCurve {
  const value = jsonOf(text, (reason) => {
    throw new UsageError(`${location}: cannot read \`retime\`: it is not JSON: ${reason}`, { option: "retime" });
  });
  try {
    return retimeCurve(value as Retime);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${location}: ${error.message}`, { option: "retime", code: error.code });
  }
}

/** Returns the JSON Schema of files of `retime`, for editors. */
export function retimeJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(retimeSchema, { io: "input" });
}
