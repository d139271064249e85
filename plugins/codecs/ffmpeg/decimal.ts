import { type Rational, round } from "@slomo/core/time";

/** Formats seconds for ffmpeg's options: a decimal number, rounded to `digits` places. */
export function decimal({ num, den }: Rational, digits = 6): string {
  const unit = 10n ** BigInt(digits), units = round({ num: num * unit, den });
  const magnitude = units < 0n ? -units : units;
  return `${units < 0n ? "-" : ""}${magnitude / unit}.${`${magnitude % unit}`.padStart(digits, "0")}`;
}
