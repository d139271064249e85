import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { parseSlow, retimeCurve, slowCurve } from "@slomo/core/retime";
import { parseTime, rational, toNumber } from "@slomo/core/time";
import { type Curve, curveOf, type Key, parseCurve, retimeOf, withCurve } from "./curve.ts";
import { addKey, asPositions, endedCurve, moveKey, plainCurve, removeKey, reversed } from "./curve_edits.ts";
import { lineOf, outputLength, sourceTimes, speedAt } from "./curve_shape.ts";

const key = (x: number, y: number, curve: Key["curve"] = "smooth", hold = 0): Key => ({ x, y, curve, hold });
const near = (a: number, b: number, tolerance: number, what: string) =>
  ok(Math.abs(a - b) <= tolerance, `${what}: ${a} is not ${b}`);
const END = 6;

/** Returns the exact curve of the toolkit. */
const exact = (curve: Curve) => retimeCurve(retimeOf(curve));

const CURVES: readonly Curve[] = [
  { kind: "speed", keys: [key(1, 0.5)] },
  { kind: "speed", keys: [key(0, 1), key(2, 0.25, "linear"), key(4, 2), key(5, 1)] },
  { kind: "speed", keys: [key(0.5, 1, "constant"), key(2, 0, "smooth", 2), key(4, 1.5, "linear")] },
  { kind: "position", keys: [key(0, 0, "smooth"), key(2, 4, "smooth"), key(3, 1, "linear"), key(7, 5.5, "smooth")] },
];

Deno.test("the chart and the length of the output are those of the toolkit's curve", () => {
  for (const curve of CURVES) {
    const own = exact(curve), length = own.length ?? own.reach(rational(END));
    near(outputLength(curve, END), toNumber(length), 1e-6, "length");
    for (const { x, y } of lineOf(curve, END)) {
      if (curve.kind === "position") {
        const source = own.at(rational(Math.round(x * 1e9), 1_000_000_000));
        if (source) near(y, toNumber(source), 1e-6, `position at ${x}`);
        continue;
      }
      // Away from keyframes, the speed is the slope of the exact curve.
      if (x < 0.01 || x > END - 0.01 || curve.keys.some((one) => Math.abs(one.x - x) < 0.02)) continue;
      const [a, b] = [x - 1e-4, x + 1e-4].map((s) => toNumber(own.reach(rational(Math.round(s * 1e9), 1_000_000_000))));
      near(2e-4 / (b! - a!), y, 0.01 * Math.max(1, y), `speed at ${x}`);
    }
  }
});

Deno.test("a result is compared with the source times that its curve shows", () => {
  for (const curve of CURVES) {
    const own = exact(curve), length = outputLength(curve, END), settings = withCurve({}, curve);
    const at = sourceTimes(settings, END, length), begun = sourceTimes({ ...settings, start: "1.5" }, END, length);
    const first = toNumber(own.reach(rational(3, 2)));
    for (let i = 0; i < 40; i++) {
      const time = length * i / 40, milliseconds = (seconds: number) => rational(Math.round(seconds * 1e6), 1_000_000);
      near(at(time), toNumber(own.at(milliseconds(time))!), 1e-5, `source at ${time}`);
      if (curve.kind === "position" || first + time > length - 0.01) continue;
      near(begun(time), toNumber(own.at(milliseconds(first + time))!), 1e-4, `source of a part at ${time}`);
    }
  }
  equal(sourceTimes({ factor: "4", slowMotion: true }, 2, 8)(4), 1);
  equal(sourceTimes({ factor: "4", start: "1", end: "3" }, 5, 2.01)(0.5), 1.5);
});

Deno.test("slow ranges are shown as the keyframes of the same curve", () => {
  for (const [slow, ease] of [["1-2=4", "0.5"], ["0-1=2,1-2=8,2.4-3=0.5", "0.3"], ["0.2-1=3", "0"], ["4-5.9=2", "1"]]) {
    const curve = curveOf({ slow: slow!, ease: ease! })!;
    const own = slowCurve(slow!.split(",").map(parseSlow), parseTime(ease!)!);
    near(outputLength(curve, END), toNumber(own.reach(rational(END))), 1e-6, `length of ${slow}`);
    const fitted = endedCurve(curve, END);
    ok(fitted.keys.every(({ x }) => x <= END), "no keyframe is after the end");
    near(outputLength(fitted, END), toNumber(own.reach(rational(END))), 0.02, `length of ${slow} as keyframes`);
    exact(fitted);
  }
  equal(curveOf({ factor: "2" }), undefined);
});

Deno.test("settings have one curve: keyframes replace ranges and factors, and files are read back", () => {
  const settings = withCurve({ slow: "1-2=4", ease: "0", factor: "3", slowMotion: true, crf: "18" }, CURVES[1]);
  equal(Object.keys(settings).sort(), ["crf", "retime"]);
  equal(curveOf(settings), CURVES[1]);
  equal(withCurve(settings, undefined), { crf: "18" });
  equal(parseCurve('{"speed":[{"at":"1:02.5","speed":"1/8"}]}'), { kind: "speed", keys: [key(62.5, 0.125)] });
  for (
    const text of [
      "",
      "/etc/passwd",
      '"/etc/passwd"',
      "[]",
      "{}",
      '{"speed":[null]}',
      '{"speed":[]}',
      '{"speed":[{"at":"x","speed":1}]}',
    ]
  ) {
    throws(() => parseCurve(text), { name: "UsageError", option: "retime" }, text);
  }
});

Deno.test("keyframes are added, moved up to their neighbors, and removed", () => {
  const added = addKey(plainCurve(END), { x: 3, y: 0.25 }, END);
  equal([added.index, added.curve.keys.map(({ x, y }) => [x, y])], [1, [[0, 1], [3, 0.25], [6, 1]]]);
  equal(addKey(added.curve, { x: 3.01, y: 8 }, END), added);
  const far = moveKey(added.curve, 1, { x: 99, y: 5000 }, END).curve.keys[1]!;
  equal([far.x, far.y], [5.99, 1000]);
  const start = moveKey(added.curve, 0, { x: -1, y: 1e-9 }, END).curve.keys[0]!;
  equal([start.x, start.y], [0, 0.001]);
  equal(removeKey(added.curve, 2)!.curve.keys.length, 2);
  equal(removeKey({ kind: "speed", keys: [key(0, 1)] }, 0), undefined);
  near(speedAt(added.curve, 3, END), 0.25, 1e-6, "speed at a keyframe");
  for (const edit of [added, moveKey(added.curve, 1, { x: 99, y: 5000 }, END)]) exact(edit.curve);
});

Deno.test("a curve becomes positions of the same length, which can be reversed", () => {
  for (const curve of CURVES) {
    const positions = asPositions(curve, END), back = reversed(curve, END);
    near(outputLength(positions, END), outputLength(curve, END), 0.002, "length");
    equal([back.keys[0]!.y, back.keys.at(-1)!.y], [positions.keys.at(-1)!.y, positions.keys[0]!.y]);
    equal([back.keys[0]!.x, back.kind], [0, "position"]);
    exact(positions);
    exact(back);
  }
});
