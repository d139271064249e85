import { type Rational, round } from "@slomo/core/time";

/** Seconds as ffmpeg's options take them: a decimal, to the nearest of `digits` places. */
export function decimal({ num, den }: Rational, digits = 6): string {
  const unit = 10n ** BigInt(digits), units = round({ num: num * unit, den });
  const magnitude = units < 0n ? -units : units;
  return `${units < 0n ? "-" : ""}${magnitude / unit}.${`${magnitude % unit}`.padStart(digits, "0")}`;
}
