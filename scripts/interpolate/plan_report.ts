import type { CurveSample } from "@slomo/core/retime";
import { toNumber } from "@slomo/core/time";
import { type ConversionPlan, planFacts as factsOf } from "@slomo/slomo";
import { withFlags } from "../_options.ts";
import { INTERPOLATE } from "./options.ts";
import { clock } from "./reporter.ts";

const inFlags = (text: string) => withFlags(text, INTERPOLATE.options);

/** Results of `--plan`, for programs. */
export interface PlanFacts {
  /** Frames, duration and rate of source and output, and properties of the output. */
  readonly [name: string]: unknown;
}

/** Properties of a plan that are known to the command line only. */
export interface PlanContext {
  /** Memory of this process in bytes, with one pair in progress. */
  readonly memory: number;
  /** Name of the model; `undefined` for that of the manifest. */
  readonly name: string | undefined;
}

/** Returns the results of a plan. */
export function planFacts(
  { job, survey, model }: ConversionPlan,
  { memory, name = "default" }: PlanContext,
): PlanFacts {
  const { dropped, notes, ...facts } = factsOf(job, survey);
  return {
    ...facts,
    model: { name, ...model },
    interpolatedFrames: survey.interpolatedFrames,
    cuts: survey.cuts.map(({ frame, time }) => ({ frame, seconds: toNumber(time) })),
    secondsOfWork: survey.seconds,
    memory,
    dropped: dropped.map(({ what, why }) => ({ what, why: inFlags(why) })),
    notes: notes.map(inFlags),
  };
}

const fixed = (number: number) => number.toFixed(3).replace(/\.?0+$/, "");

/** Number of lines about a curve. */
const CURVE_LINES = 16;

/** Returns lines that say which time of the source each piece of a curve shows, and at which speed. */
export function curveLines(samples: readonly CurveSample[]): string[] {
  const borders = samples.filter(({ isBorder }) => isBorder), last = samples.at(-1);
  const lines = borders.map((from, i) => {
    const to = borders[i + 1] ?? last!, length = to.output - from.output;
    const mean = (to.source - from.source) / length,
      isConstant = Math.abs(mean - from.speed) < 1e-3 * Math.max(1, Math.abs(mean));
    const speeds = isConstant ? [from.speed] : [from.speed, to.speed];
    const source = from.source === to.source
      ? `holds ${fixed(from.source)} s`
      : `shows ${fixed(from.source)} s to ${fixed(to.source)} s of the source, speed ${speeds.map(fixed).join(" to ")}`;
    return `curve    ${fixed(from.output)} s to ${fixed(to.output)} s ${source}`;
  });
  const more = lines.length - CURVE_LINES;
  return more > 0 ? [...lines.slice(0, CURVE_LINES), `curve    and ${more} more pieces`] : lines;
}

/** Returns the plan as lines of text. */
export function planText({ job, survey, model }: ConversionPlan, { memory, name = "default" }: PlanContext): string {
  const { info: { location, video, assumptions = [] }, plan, write } = job;
  const { input, output, curve = [] } = factsOf(job, survey);
  const rate = write.rate ? `${fixed(toNumber(write.rate))} frames/s` : "variable rate";
  const cuts = survey.cuts.map(({ frame, time }) => `${clock(toNumber(time))} (frame ${frame})`).join(", ");
  return [
    `input    ${location}: ${survey.sourceFrames} frames, ${
      fixed(input.seconds!)
    } s, ${video.width}×${video.height}, ` +
    `${fixed(toNumber(video.rate))} frames/s`,
    `output   ${write.location}: ${survey.outputFrames} frames, ${fixed(output.seconds!)} s, ${rate}, ` +
    `${plan.container}, ${plan.encoder}, ${plan.pixelFormat}`,
    ...curveLines(curve),
    `model    ${[`${name}: ${model.parts.join(" and ")}`, model.weights, model.engine].filter(Boolean).join(", ")}`,
    `frames   ${survey.interpolatedFrames} interpolated, from ${survey.pairs} frame pairs`,
    `cuts     ${survey.cuts.length === 0 ? "none" : `${survey.cuts.length}: ${cuts}`}`,
    `time     ${
      survey.seconds === undefined ? "nothing to compute" : `about ${clock(survey.seconds)} on this machine`
    }`,
    `memory   about ${Math.round(memory / 2 ** 20)} MiB`,
    ...plan.dropped.map(({ what, why }) => `dropped  ${what}: ${inFlags(why)}`),
    ...job.notes.map((note) => `note     ${inFlags(note)}`),
    ...assumptions.map((assumption) => `assumed  ${inFlags(assumption)}`),
  ].join("\n");
}
