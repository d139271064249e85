import { UsageError } from "../errors.ts";
import { compare, multiply, type Rational, rational, round, subtract, toNumber } from "./rational.ts";

/** Parses an integer, a decimal or a fraction exactly: `12`, `-2.5`, `5/2`. Returns `undefined` for other text. */
export function parseRational(text: string): Rational | undefined {
  const fraction = /^([+-]?\d+)\/(\d+)$/.exec(text);
  if (fraction) {
    const den = BigInt(fraction[2]!);
    return den === 0n ? undefined : rational(BigInt(fraction[1]!), den);
  }
  const decimal = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (!decimal || !(decimal[2] || decimal[3])) return undefined;
  const [, sign, whole = "", part = ""] = decimal;
  const value = rational(BigInt(whole + part), 10n ** BigInt(part.length));
  return sign === "-" ? multiply(value, rational(-1)) : value;
}

const NTSC = rational(1000, 1001);
const NTSC_ROUNDING = 0.005;

/**
 * Parses a frame rate in frames per second. Values are exact, except that a decimal within 0.005 of an NTSC rate n·1000/1001,
 * such as 23.976, 29.97 or 59.94, becomes that fraction. Returns `undefined` for text that is not a number.
 */
export function parseRate(text: string): Rational | undefined {
  const value = parseRational(text);
  if (value === undefined || value.den === 1n || text.includes("/")) return value;
  const ntsc = multiply(rational(round(multiply(value, rational(1001, 1000)))), NTSC);
  return Math.abs(toNumber(subtract(ntsc, value))) < NTSC_ROUNDING ? ntsc : value;
}

/** Parses a time such as `12.5`, `1:02.5` or `01:00:02` into seconds. Returns `undefined` for other text. */
export function parseTime(text: string): Rational | undefined {
  const match = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)$/.exec(text);
  if (!match) return undefined;
  const [, hours = "0", minutes = "0", seconds = "0"] = match;
  const value = parseRational(seconds);
  if (value === undefined) return undefined;
  const whole = (BigInt(hours) * 60n + BigInt(minutes)) * 60n;
  return rational(value.num + whole * value.den, value.den);
}

/** The highest factor of the frame rate; a higher one is taken for a typo. */
export const MAX_FACTOR = 1000;

/**
 * Parses the option `factor`: a number from 1, which adds no frames, to {@linkcode MAX_FACTOR}.
 *
 * @throws {UsageError} If the text is not such a number.
 */
export function parseFactor(text: string): Rational {
  const value = parseRational(text);
  if (value === undefined || compare(value, rational(1)) < 0 || compare(value, rational(MAX_FACTOR)) > 0) {
    throw new UsageError(
      `\`factor\` must be a number from 1 to ${MAX_FACTOR}, such as 2, 2.5 or 5/2, got "${text}"`,
      { option: "factor" },
    );
  }
  return value;
}

/** The highest frame rate; a higher one is taken for a typo. */
export const MAX_RATE = 100_000;

/**
 * Parses the option `fps`: a frame rate above 0 and at most {@linkcode MAX_RATE}, in frames per second.
 *
 * @throws {UsageError} If the text is not such a rate.
 */
export function parseFps(text: string): Rational {
  const value = parseRate(text);
  if (value === undefined || value.num <= 0n || compare(value, rational(MAX_RATE)) > 0) {
    throw new UsageError(
      `\`fps\` must be a frame rate above 0 and at most ${MAX_RATE}, such as 60, 59.94 or 60000/1001, got "${text}"`,
      { option: "fps" },
    );
  }
  return value;
}
