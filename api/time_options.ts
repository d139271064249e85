import { fileReasonOf, UsageError } from "@slomo/core";
import {
  EASE,
  functionCurve,
  parseRetime,
  parseSlow,
  type Retime,
  retimeCurve,
  slowCurve,
  type SlowRange,
  type TimeCurve,
} from "@slomo/core/retime";
import { parseTime, type Rational } from "@slomo/core/time";
import { checkPairs, type PairTreatment, parsePairs } from "@slomo/core/video";

/** Options that let the speed of a video vary. */
export interface TimeOptions {
  /**
   * Parts of the source that play slower, or faster with a factor below 1: texts such as `"1:02-1:10=8"`, or ranges in seconds. The
   * frame rate is that of the source, or `fps`.
   */
  readonly slow?: string | readonly (string | SlowRange)[] | undefined;
  /** Seconds of the source, before and after each part of `slow`, in which the speed changes; 0 changes it at once. @default {0.5} */
  readonly ease?: number | string | Rational | undefined;
  /**
   * Time of the source over the whole output: a JSON file, its keyframes, or a function from seconds of the output to seconds of
   * the source, which returns `undefined` at the end.
   */
  readonly retime?: string | URL | Retime | ((time: Rational) => Rational | undefined) | undefined;
}

/** Options that treat single frame pairs differently. */
export interface PairOptions {
  /**
   * Frame pairs that are not interpolated but held, cut or blended: a JSON file, or a list. Frames are numbered from 0, as in the plan,
   * from the start of the part.
   */
  readonly pairs?: string | URL | readonly PairTreatment[] | undefined;
}

function easeOf(ease: TimeOptions["ease"]): Rational {
  if (ease === undefined) return EASE;
  if (typeof ease === "object") return ease;
  const seconds = parseTime(`${ease}`);
  if (seconds) return seconds;
  throw new UsageError(`\`ease\` must be a number of seconds, such as 0.5 or 0, got "${ease}"`, { option: "ease" });
}

/** Reads the file of an option. */
async function readOptionFile(path: string | URL, option: "retime" | "pairs"): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`${path}: cannot read \`${option}\`: ${fileReasonOf(error)}`, { option });
  }
}

/**
 * Returns the frame pairs that are not interpolated.
 *
 * @throws {UsageError} If the file cannot be read, or the list is not valid.
 */
export async function pairsOf(pairs: PairOptions["pairs"]): Promise<readonly PairTreatment[] | undefined> {
  if (typeof pairs === "string" || pairs instanceof URL) {
    return parsePairs(await readOptionFile(pairs, "pairs"), `${pairs}`);
  }
  return pairs && checkPairs(pairs);
}

/**
 * Returns the time curve of a video; `undefined` if its speed does not vary.
 *
 * @throws {UsageError} If the options exclude each other, or the curve is not possible.
 */
export async function curveOf(
  { slow, ease, retime, ...rest }: TimeOptions & {
    readonly factor?: unknown;
    readonly slowMotion?: boolean | undefined;
  },
): Promise<TimeCurve | undefined> {
  if (ease !== undefined && slow === undefined) {
    throw new UsageError("`ease` has no effect without `slow`; leave it out", { option: "ease" });
  }
  const option = slow !== undefined ? "slow" : "retime";
  if (slow === undefined && retime === undefined) return undefined;
  const other = slow !== undefined && retime !== undefined
    ? "retime"
    : rest.factor !== undefined
    ? "factor"
    : undefined;
  if (other !== undefined || rest.slowMotion) {
    throw new UsageError(`\`${option}\` and \`${other ?? "slowMotion"}\` cannot be combined; give one of them`, {
      option,
    });
  }
  if (slow !== undefined) {
    const ranges = (typeof slow === "string" ? slow.split(",") : slow).map((range) =>
      typeof range === "string" ? parseSlow(range.trim()) : range
    );
    return slowCurve(ranges, easeOf(ease));
  }
  if (typeof retime === "function") return functionCurve(retime);
  if (typeof retime !== "string" && !(retime instanceof URL)) return retimeCurve(retime!);
  return parseRetime(await readOptionFile(retime, "retime"), `${retime}`);
}
