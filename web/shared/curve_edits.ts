/** Edits of speed curves: keyframes are added, moved, changed and removed, and curves converted. */
import { type Curve, type Key, type Point, round } from "./curve.ts";
import { outputLength, spansOf, speedAt } from "./curve_shape.ts";

/** Least time between two keyframes in seconds. */
const GAP = 0.01;

/** Latest time that a keyframe may have. */
const latest = (end: number) => Math.floor(end * 1000) / 1000;

/** Returns a keyframe with values that the curve can have there. */
function placed({ kind, keys }: Curve, index: number, { x, y }: Point, end: number): Point {
  const before = keys[index - 1], after = keys[index + 1];
  const low = before ? before.x + GAP : 0, high = after ? after.x - GAP : kind === "speed" ? latest(end) : Infinity;
  const isFirst = kind === "position" && index === 0;
  return {
    x: isFirst ? 0 : round(Math.max(low, Math.min(high, x)), 3),
    y: kind === "speed"
      // Speed 0 holds the frame.
      ? y === 0 ? 0 : Number(Math.max(0.001, Math.min(1000, y)).toPrecision(3))
      : round(Math.max(0, Math.min(latest(end), y)), 3),
  };
}

/** Returns a curve that begins and ends at the speed of the source. */
export function plainCurve(end: number): Curve {
  const key = { y: 1, curve: "smooth", hold: 0 } as const;
  return { kind: "speed", keys: [{ ...key, x: 0 }, { ...key, x: latest(end) }] };
}

/** Returns a curve without keyframes after the end of the source, which files of `retime` must not have. */
export function endedCurve(curve: Curve, end: number): Curve {
  const kept = curve.keys.filter(({ x }) => x <= end), isCut = kept.length < curve.keys.length;
  if (curve.kind === "position" || !isCut || kept.length === 0) return curve;
  const last = { x: latest(end), y: round(speedAt(curve, end, end), 4), curve: "constant", hold: 0 } as const;
  return { ...curve, keys: [...kept.filter(({ x }) => x < last.x - GAP), last] };
}

/** A curve, and the place of the keyframe that an edit concerns. */
export interface Edit {
  /** The new curve. */
  readonly curve: Curve;
  /** Number of the keyframe. */
  readonly index: number;
}

/** Adds a keyframe, or returns the one that is at that time. */
export function addKey(curve: Curve, at: Point, end: number): Edit {
  const near = curve.keys.findIndex(({ x }) => Math.abs(x - at.x) < 2 * GAP);
  if (near >= 0) return { curve, index: near };
  const before = curve.keys.findLastIndex(({ x }) => x < at.x), index = before + 1;
  const kind = curve.kind === "speed" ? "smooth" : "linear";
  const key: Key = { ...at, curve: curve.keys[before]?.curve ?? kind, hold: 0 };
  return moveKey({ ...curve, keys: curve.keys.toSpliced(index, 0, key) }, index, at, end);
}

/** Moves a keyframe, at most up to its neighbors. */
export function moveKey(curve: Curve, index: number, to: Point, end: number): Edit {
  const key = { ...curve.keys[index]!, ...placed(curve, index, to, end) };
  return { curve: { ...curve, keys: curve.keys.with(index, key) }, index };
}

/** Changes the interpolation, the hold or the value of a keyframe. */
export function changeKey(curve: Curve, index: number, change: Partial<Pick<Key, "curve" | "hold" | "y">>): Edit {
  return { curve: { ...curve, keys: curve.keys.with(index, { ...curve.keys[index]!, ...change }) }, index };
}

/** Removes a keyframe; `undefined` if the curve needs all that it has. */
export function removeKey(curve: Curve, index: number): Edit | undefined {
  if (curve.keys.length <= (curve.kind === "speed" ? 1 : 2)) return undefined;
  const keys = curve.keys.toSpliced(index, 1);
  // The first position is at the beginning of the output.
  if (curve.kind === "position") keys[0] = { ...keys[0]!, x: 0 };
  return { curve: { ...curve, keys }, index: Math.min(index, keys.length - 1) };
}

/** Returns a curve as positions, which can also play backward. Between keyframes it may differ a little. */
export function asPositions(curve: Curve, end: number): Curve {
  if (curve.kind === "position") return curve;
  const keys: Key[] = [];
  let output = 0;
  const add = (x: number, y: number) => {
    const key = { x: round(x, 3), y: round(Math.min(y, latest(end)), 3), curve: "smooth", hold: 0 } as const;
    if (keys.length === 0 || key.x - keys.at(-1)!.x >= GAP) keys.push(key);
  };
  const spans = spansOf(curve.keys, end);
  for (const { from, hold, seconds } of spans) {
    add(output, from);
    if (hold > 0) add(output + hold, from);
    output += hold + seconds;
  }
  add(Math.max(output, outputLength(curve, end)), Math.min(end, spans.at(-1)?.at(1).x ?? end));
  return { kind: "position", keys: keys.length > 1 ? keys : [...keys, { ...keys[0]!, x: keys[0]!.x + 1 }] };
}

/** Returns the curve that plays backward: from its last time of the source to its first. */
export function reversed(curve: Curve, end: number): Curve {
  const { keys } = asPositions(curve, end), length = keys.at(-1)!.x;
  return {
    kind: "position",
    keys: keys.toReversed().map(({ x, y, hold }, i) => ({
      ...{ x: round(length - x, 3), y, hold },
      curve: keys[Math.max(0, keys.length - 2 - i)]!.curve,
    })),
  };
}
