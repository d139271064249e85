/**
 * Time curves, which map times of the output to times of the source. Exact, from ranges and factors, keyframes, or functions.
 *
 * @module
 */
export { type CurvePiece, type CurveRun, functionCurve, type NamedTime, type TimeCurve } from "./curve.ts";
export {
  parseRetime,
  type PositionKeyframe,
  type Retime,
  retimeCurve,
  retimeJsonSchema,
  type SpeedKeyframe,
} from "./keyframes.ts";
export { type CurveSample, sampleCurve } from "./sample_curve.ts";
export { EASE, parseSlow, slowCurve, type SlowRange } from "./slow.ts";
export { outputTimeOf, sourceTimeOf, type TimeMap, type TimePoint } from "./time_map.ts";
