/** Speed curves of the page: read from files of `retime` and from settings, and written to them. */
import { UsageError } from "@slomo/core";
import type { Retime } from "@slomo/core/retime";
import { parseRational, parseTime, toNumber } from "@slomo/core/time";
import type { Settings } from "./types.ts";

/** How values change up to the next keyframe. */
export type KeyCurve = "constant" | "linear" | "smooth";

/** A keyframe as a point of a chart. */
export interface Key {
  /** Time in seconds: of the source for speeds, of the output for positions. */
  readonly x: number;
  /** Speed, or time of the source in seconds for positions. */
  readonly y: number;
  /** How `y` changes up to the next keyframe. Positions are never constant. */
  readonly curve: KeyCurve;
  /** Seconds for which the frame is held; 0 for positions. */
  readonly hold: number;
}

/** Keyframes in order. `speed`: speeds over the time of the source. `position`: times of the source over the time of the output. */
export interface Curve {
  /** Quantity on the axis of `y`. */
  readonly kind: "speed" | "position";
  /** The keyframes, at least one. */
  readonly keys: readonly Key[];
}

/** A point of a line. */
export interface Point {
  /** As of {@linkcode Key}. */
  readonly x: number;
  /** As of {@linkcode Key}. */
  readonly y: number;
}

/** Rounds a number to decimal digits. */
export const round = (value: number, digits: number): number => Number(value.toFixed(digits));

function refuse(problem: string): never {
  throw new UsageError(`\`retime\`: ${problem}`, { option: "retime" });
}

/**
 * Returns the keyframes of a setting for the API, which checks them.
 *
 * @param text JSON as in a file of `retime`.
 * @throws {UsageError} If it is not a JSON object.
 */
export function readRetime(text: string): Retime {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuse("the keyframes are not JSON");
  }
  // Not a path or an address, which the API would read.
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse("the keyframes must be an object");
  return value;
}

/** Returns a time in seconds. @throws {UsageError} If it is not one. */
export function secondsOf(value: unknown): number {
  const time = parseTime(`${value}`) ?? parseRational(`${value}`);
  return time ? toNumber(time) : refuse(`"${value}" must be a time, such as 12.5 or 1:02.5`);
}

function numberOf(value: unknown): number {
  const number = parseRational(`${value}`);
  return number ? toNumber(number) : refuse(`"${value}" must be a number, such as 0.125 or 1/8`);
}

/**
 * Reads keyframes.
 *
 * @param text JSON as in a file of `retime`.
 * @throws {UsageError} If it has neither speeds nor positions, or one of them is not a number.
 */
export function parseCurve(text: string): Curve {
  const { speed, position } = readRetime(text);
  const list = speed ?? position;
  if (!Array.isArray(list) || list.length === 0 || speed && position) {
    refuse("give keyframes of either `speed` or `position`");
  }
  if (list.some((key) => typeof key !== "object" || key === null)) refuse("a keyframe must be an object");
  return speed
    ? {
      kind: "speed",
      keys: speed.map(({ at, speed, curve = "smooth", hold = 0 }) => ({
        ...{ x: secondsOf(at), y: numberOf(speed), curve, hold: numberOf(hold) },
      })),
    }
    : {
      kind: "position",
      keys: position!.map(({ output, source, curve = "linear" }) => ({
        ...{ x: secondsOf(output), y: secondsOf(source), curve, hold: 0 },
      })),
    };
}

/** Returns keyframes as a file of `retime` has them. */
export function retimeOf({ kind, keys }: Curve): Retime {
  return kind === "speed"
    ? { speed: keys.map(({ x, y, curve, hold }) => ({ at: x, speed: y, curve, ...hold > 0 && { hold } })) }
    : {
      position: keys.map(({ x, y, curve }) => ({
        ...{ output: x, source: y, curve: curve === "smooth" ? curve : "linear" as const },
      })),
    };
}

/** Returns the keyframes of slow ranges: the same curve as that of the option `slow`. */
function slowKeys(slow: string, ease: number): Key[] {
  const keys: Key[] = [];
  const add = (x: number, y: number, curve: KeyCurve) => {
    if (keys.length > 0 && x - keys.at(-1)!.x < 1e-9) keys.pop();
    keys.push({ x: round(x, 6), y, curve, hold: 0 });
  };
  const ranges = slow.split(",").map((range) => {
    const [, from = "", to = "", factor = ""] = /^([^-=]*)-([^-=]*)=([^-=]*)$/.exec(range.trim()) ?? [];
    return { from: secondsOf(from), to: secondsOf(to), speed: 1 / numberOf(factor) };
  });
  let end = 0, before: number | undefined;
  for (const { from, to, speed } of ranges.sort((a, b) => a.from - b.from)) {
    const gap = from - end, ramp = Math.min(ease, before === undefined ? gap : gap / 2);
    if (before !== undefined) add(end, before, "smooth");
    if (gap > 0) add(before === undefined ? 0 : end + ramp, 1, "constant");
    if (ramp > 0) add(from - ramp, 1, "smooth");
    add(from, speed, "constant");
    [end, before] = [to, speed];
  }
  if (ease > 0) add(end, before!, "smooth");
  add(end + ease, 1, "constant");
  return keys;
}

/**
 * Returns the curve of settings, from `retime` or `slow`; `undefined` if they have none.
 *
 * @throws {UsageError} If it is not valid.
 */
export function curveOf({ retime, slow, ease }: Settings): Curve | undefined {
  if (typeof retime === "string" && retime !== "") return parseCurve(retime);
  if (typeof slow !== "string" || slow === "") return undefined;
  return { kind: "speed", keys: slowKeys(slow, secondsOf(ease || "0.5")) };
}

/** Options that set the time of the output; a curve replaces the others. */
export const TIME_SETTINGS = ["retime", "slow", "ease", "factor", "slowMotion"] as const;

/** Returns settings without some of them. */
export function without(settings: Settings, names: readonly string[]): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
}

/** Returns settings with a curve in place of their factor, slow ranges and curve; without one if it is `undefined`. */
export function withCurve(settings: Settings, curve: Curve | undefined): Settings {
  return { ...without(settings, TIME_SETTINGS), ...curve && { retime: JSON.stringify(retimeOf(curve)) } };
}
