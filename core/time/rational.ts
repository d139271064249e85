/** An exact fraction of integers, in lowest terms, with `den` above 0. Seconds, rates and factors are these, never floats. */
export interface Rational {
  /** Numerator; carries the sign. */
  readonly num: bigint;
  /** Denominator, above 0. */
  readonly den: bigint;
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
}

/**
 * The fraction `num / den` in lowest terms.
 *
 * @throws {RangeError} If `den` is 0.
 */
export function rational(num: bigint | number, den: bigint | number = 1n): Rational {
  let n = BigInt(num), d = BigInt(den);
  if (d === 0n) throw new RangeError(`rational: the denominator must not be 0, got ${n}/${d}`);
  if (d < 0n) [n, d] = [-n, -d];
  const g = gcd(n, d);
  return { num: n / g, den: d / g };
}

/** `a + b`. */
export function add(a: Rational, b: Rational): Rational {
  return rational(a.num * b.den + b.num * a.den, a.den * b.den);
}

/** `a − b`. */
export function subtract(a: Rational, b: Rational): Rational {
  return rational(a.num * b.den - b.num * a.den, a.den * b.den);
}

/** `a · b`. */
export function multiply(a: Rational, b: Rational): Rational {
  return rational(a.num * b.num, a.den * b.den);
}

/**
 * `a / b`.
 *
 * @throws {RangeError} If `b` is 0.
 */
export function divide(a: Rational, b: Rational): Rational {
  return rational(a.num * b.den, a.den * b.num);
}

/** Negative, 0 or positive as `a` is less than, equal to or more than `b`. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.num * b.den - b.num * a.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The largest integer not above `a`. */
export function floor(a: Rational): bigint {
  const quotient = a.num / a.den;
  return a.num < 0n && quotient * a.den !== a.num ? quotient - 1n : quotient;
}

/** The smallest integer not below `a`. */
export function ceil(a: Rational): bigint {
  return -floor({ num: -a.num, den: a.den });
}

/** The integer nearest to `a`; halves go up. */
export function round(a: Rational): bigint {
  return floor(add(a, rational(1n, 2n)));
}

/** The largest fraction of which both `a` and `b` are whole multiples: the common time base of two clocks. */
export function commonUnit(a: Rational, b: Rational): Rational {
  return rational(gcd(a.num * b.den, b.num * a.den), a.den * b.den);
}

/** The nearest float, for display and for network inputs only. */
export function toNumber(a: Rational): number {
  return Number(a.num) / Number(a.den);
}

/** `num/den`, or the integer alone. */
export function format(a: Rational): string {
  return a.den === 1n ? `${a.num}` : `${a.num}/${a.den}`;
}
