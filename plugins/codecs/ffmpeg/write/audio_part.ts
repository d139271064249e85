import { compare, type Rational, rational } from "@slomo/core/time";
import { decimal } from "../decimal.ts";
import type { ProbedStream } from "../ffprobe.ts";
import { endOf, inSource, type Placement, startOf } from "./placement.ts";

/** The part of an audio stream that is used, in seconds of the source. */
export interface AudioPart {
  /** Start. */
  readonly from: Rational;
  /** End; `undefined` if it is that of the stream, and not known. */
  readonly to: Rational | undefined;
}

/** Returns the part of an audio stream that is within the output. Audio before time 0 is trimmed. */
export function audioPart(stream: ProbedStream, placement: Placement): AudioPart {
  const start = startOf(stream) ?? placement.first, zero = inSource(placement, rational(0));
  const from = [placement.from, zero].reduce<Rational>((a, b) => b && compare(b, a) > 0 ? b : a, start);
  const end = endOf(stream), to = placement.to && (!end || compare(placement.to, end) < 0) ? placement.to : end;
  return { from, to };
}

/** Returns the filter that trims audio to a part. */
export function trimFilter({ from, to }: AudioPart): string {
  return to ? `atrim=start=${decimal(from)}:end=${decimal(to)}` : `atrim=start=${decimal(from)}`;
}
