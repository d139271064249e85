/** An exact fraction of integers, in lowest terms. Seconds, rates and factors are rational, never floats. */
export interface Rational {
  /** Numerator, which carries the sign. */
  readonly num: bigint;
  /** Denominator, above 0. */
  readonly den: bigint;
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
}

/**
 * Returns the fraction `num / den` in lowest terms.
 *
 * @param num Numerator; a `number` must be an integer.
 * @param den Denominator; a `number` must be an integer.
 *
 * @throws {RangeError} If `den` is 0, or an argument is not an integer.
 */
export function rational(num: bigint | number, den: bigint | number = 1n): Rational {
  let n = BigInt(num), d = BigInt(den);
  if (d === 0n) throw new RangeError(`rational: the denominator must not be 0, got ${n}/${d}`);
  if (d < 0n) [n, d] = [-n, -d];
  const g = gcd(n, d);
  return { num: n / g, den: d / g };
}

/** Returns `a + b`. */
export function add(a: Rational, b: Rational): Rational {
  return rational(a.num * b.den + b.num * a.den, a.den * b.den);
}

/** Returns `a − b`. */
export function subtract(a: Rational, b: Rational): Rational {
  return rational(a.num * b.den - b.num * a.den, a.den * b.den);
}

/** Returns `a · b`. */
export function multiply(a: Rational, b: Rational): Rational {
  return rational(a.num * b.num, a.den * b.den);
}

/**
 * Returns `a / b`.
 *
 * @throws {RangeError} If `b` is 0.
 */
export function divide(a: Rational, b: Rational): Rational {
  return rational(a.num * b.den, a.den * b.num);
}

/** Returns −1, 0 or 1 if `a` is less than, equal to or greater than `b`. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.num * b.den - b.num * a.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Returns the largest integer that is at most `a`. */
export function floor(a: Rational): bigint {
  const quotient = a.num / a.den;
  return a.num < 0n && quotient * a.den !== a.num ? quotient - 1n : quotient;
}

/** Returns the smallest integer that is at least `a`. */
export function ceil(a: Rational): bigint {
  return -floor({ num: -a.num, den: a.den });
}

/** Returns the integer nearest to `a`; halves are rounded up. */
export function round(a: Rational): bigint {
  return floor(add(a, rational(1n, 2n)));
}

/** Returns the largest fraction of which both `a` and `b` are integer multiples: the common time base of two time bases. */
export function commonUnit(a: Rational, b: Rational): Rational {
  return rational(gcd(a.num * b.den, b.num * a.den), a.den * b.den);
}

/** Returns the nearest float, for display and for inputs of networks only. */
export function toNumber(a: Rational): number {
  return Number(a.num) / Number(a.den);
}

/** Returns `num/den`, or `num` for an integer. */
export function format(a: Rational): string {
  return a.den === 1n ? `${a.num}` : `${a.num}/${a.den}`;
}
