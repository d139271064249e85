import { type Rational, toNumber } from "@slomo/core/time";

/** Returns `atempo` filters that slow audio down `slowdown` times; each supports factors from 0.5 to 2. */
export function tempoFilters(slowdown: Rational): readonly string[] {
  const factor = toNumber(slowdown);
  if (factor === 1) return [];
  const count = Math.max(1, Math.ceil(Math.abs(Math.log2(factor)) - 1e-9));
  return Array.from({ length: count }, () => `atempo=${(factor ** (-1 / count)).toFixed(12)}`);
}

/** Tests whether a speed differs from 1 by rounding at most. */
export const isUnchanged = (speed: Rational): boolean => Math.abs(toNumber(speed) - 1) < 1e-4;
