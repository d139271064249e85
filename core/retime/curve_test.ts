import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { testCases } from "../../tests/_more.ts";
import { randomIntegers } from "../_testing.ts";
import { add, compare, multiply, type Rational, rational, subtract, toNumber } from "../time/rational.ts";
import { type CurvePiece, endOfPiece } from "./curve.ts";
import {
  functionCurve,
  outputTimeOf,
  parseRetime,
  parseSlow,
  type Retime,
  retimeCurve,
  slowCurve,
  sourceTimeOf,
  type TimeCurve,
} from "./mod.ts";

const SECOND = rational(1);
const seconds = (value: Rational | undefined) => value && toNumber(value);
const at = (curve: TimeCurve, ...times: number[]) =>
  times.map((time) => seconds(curve.at(rational(Math.round(time * 1000), 1000))));

/** Returns the pieces of a curve, which its data are. */
const piecesOf = (curve: TimeCurve) => curve.toJSON() as CurvePiece[];

/** Checks that a curve has no gap, is monotone in each run, inverts, and is close to its lines. */
function checkCurve(curve: TimeCurve): void {
  const pieces = piecesOf(curve);
  for (const [i, piece] of pieces.entries()) {
    const before = pieces[i - 1];
    if (!before) continue;
    equal(piece.output, add(before.output, before.length!), "no gap in the output");
    equal(piece.source, endOfPiece(before), "no gap in the source");
  }
  const end = seconds(curve.length) ?? toNumber(pieces.at(-1)!.output) + 1;
  let last = curve.at(rational(0))!, run = 0;
  for (let i = 1; i < 200; i++) {
    const output = rational(Math.floor(i * end * 5), 1000), source = curve.at(output);
    if (source === undefined) break;
    while (curve.runs[run]!.to && compare(curve.runs[run]!.to!, output) <= 0) {
      run++;
      last = curve.at(curve.runs[run]!.from)!;
    }
    ok(compare(source, last) * curve.runs[run]!.direction >= 0, `monotone at ${toNumber(output)}`);
    last = source;
  }
  if (curve.runs.length > 1 || curve.runs[0]!.direction < 0) return;
  const map = curve.map(undefined);
  for (let i = 0; i < 100; i++) {
    const output = rational(Math.floor(i * end * 9), 1000), source = curve.at(output);
    if (source === undefined) break;
    const reached = curve.reach(source);
    ok(compare(reached, output) <= 0 || toNumber(subtract(reached, output)) < 1e-4, "reach() is the first time");
    ok(Math.abs(toNumber(subtract(curve.at(reached) ?? source, source))) < 1e-4, "reach() inverts at()");
    const line = toNumber(outputTimeOf(map, source)), back = toNumber(sourceTimeOf(map, output));
    ok(Math.abs(line - toNumber(reached)) < 0.01, `map: ${line} instead of ${toNumber(reached)}`);
    ok(Math.abs(back - toNumber(source)) < 0.1, "map back");
  }
}

Deno.test("slowCurve() plays ranges slower, and the rest as it is", () => {
  const curve = slowCurve([parseSlow("1:02-1:10=8")], rational(0));
  equal(at(curve, 0, 61.5, 62, 66, 126, 130), [0, 61.5, 62, 62.5, 70, 74]);
  equal([curve.length, curve.over, curve.runs.length], [undefined, "source", 1]);
  equal(seconds(curve.reach(rational(71))), 127);
  const fast = slowCurve([parseSlow("10-20=0.5"), parseSlow("2-3=5/2")], rational(0));
  equal(at(fast, 2, 4.5, 11.5, 12.5, 16.5, 17.5), [2, 3, 10, 12, 20, 21]);
});

Deno.test("slowCurve() eases in and out for seconds of the source, or half of the way between ranges", () => {
  const curve = slowCurve([parseSlow("4-6=4"), parseSlow("6.5-8=2")]);
  // A ramp from speed 1 to 1/4 has the mean speed 5/8: half a second of the source lasts 4/5 s.
  equal(seconds(curve.reach(rational(4))), 3.5 + 0.8);
  equal(seconds(curve.reach(rational(6))), 4.3 + 8);
  // Ramps of 1/4 s meet at speed 1.
  const meet = toNumber(curve.reach(rational(25, 4)));
  ok(Math.abs(meet - (12.3 + 0.4)) < 1e-6, `${meet}`);
  const step = rational(1, 10_000),
    speed = toNumber(subtract(curve.at(add(rational(127, 10), step))!, curve.at(rational(127, 10))!)) * 10_000;
  ok(Math.abs(speed - 1) < 1e-3, `${speed}`);
  checkCurve(curve);
  checkCurve(slowCurve([parseSlow("0-1=4")]));
  checkCurve(slowCurve([parseSlow("0.2-1=4")]));
});

const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1), FEW = SEEDS.splice(0, 8);

testCases("the length of a curve is the integral of the inverse speed, whatever its ranges", FEW, SEEDS, (_, seeds) => {
  for (const seed of seeds) {
    const next = randomIntegers(seed), ranges = [];
    let from = next(1000);
    for (let i = next(4); i >= 0; i--) {
      const to = from + 1 + next(2000);
      ranges.push({ from: rational(from, 1000), to: rational(to, 1000), factor: rational(1 + next(40), 1 + next(4)) });
      from = to + next(1500);
    }
    const ease = rational(next(3) * 300, 1000), curve = slowCurve(ranges, ease);
    checkCurve(curve);
    // The numeric integral of 1 / speed over the source.
    const end = piecesOf(curve).at(-1)!,
      steps = 400,
      step = toNumber(end.source) / steps,
      tick = rational(1, 1_000_000);
    let length = 0;
    for (let i = 0; i < steps; i++) {
      const output = curve.reach(rational(Math.round((i + 0.5) * step * 1e6), 1_000_000));
      const source = [output, add(output, tick)].map((time) => toNumber(curve.at(time)!));
      length += step / ((source[1]! - source[0]!) * 1e6);
    }
    ok(Math.abs(length / toNumber(end.output) - 1) < 0.03, `${length} s instead of ${toNumber(end.output)} s`);
    const last = piecesOf(curve).at(-1)!;
    const slowed = ranges.reduce(
      (sum, { from, to, factor }) => sum + toNumber(multiply(subtract(to, from), factor)),
      0,
    );
    if (ease.num === 0n) {
      const rest = toNumber(last.source) - ranges.reduce((sum, { from, to }) => sum + toNumber(subtract(to, from)), 0);
      ok(Math.abs(toNumber(last.output) - (rest + slowed)) < 1e-9);
    }
  }
});

Deno.test("slow ranges that are not possible are refused in one line", () => {
  const slow = (...texts: string[]) => () => slowCurve(texts.map(parseSlow));
  throws(slow("1-2"), /`slow` must be a range of times and a factor, such as 1:02-1:10=8 or 10-20=0.5, got "1-2"/);
  throws(slow("1-3=2", "2-4=3"), /1-3=2 and 2-4=3 overlap/);
  throws(slow("3-1=2"), /3-1=2 must begin before it ends/);
  throws(slow("1-3=0"), /would never end.*`retime` with `hold`/);
  throws(slow("1-3=1001"), /factor must be from 0.001 to 1000/);
  throws(slow("1-3=x"), { name: "UsageError", option: "slow" });
  throws(() => slowCurve([]), /at least one range/);
  throws(() => slowCurve([parseSlow("1-2=2")], rational(-1)), { option: "ease" });
});

Deno.test("retimeCurve() changes speeds between keyframes, and holds frames", () => {
  const curve = retimeCurve({
    speed: [
      { at: 2, speed: 1 },
      { at: "0:03", speed: "1/4", curve: "constant", hold: 2 },
      { at: 4, speed: 0.5, curve: "linear" },
      { at: 6, speed: 1.5 },
    ],
  });
  // The ramp lasts 1 / (5/8) = 1.6 s, then 2 s are held, 1 s lasts 4 s, and 2 s last 2 s.
  equal(at(curve, 0, 2, 3.6, 5.6, 9.6, 11.6, 12.6), [0, 2, 3, 3, 4, 6, 7.5]);
  equal(at(curve, 10.6), [4.75]);
  checkCurve(curve);
  const still = retimeCurve({ speed: [{ at: 0, speed: 2, curve: "linear" }, { at: 1, speed: 0, hold: 3 }] });
  equal([seconds(still.length), ...at(still, 1, 3.9)], [4, 1, 1]);
  checkCurve(still);
});

Deno.test("retimeCurve() plays positions forward and backward", () => {
  const curve = retimeCurve({
    position: [[0, 1], [2, 5], [3, 5], [5, 1], [6, 6]].map(([output, source]) => ({
      output: output!,
      source: source!,
    })),
  });
  equal(at(curve, 0, 1, 2.5, 4, 5.5, 6), [1, 3, 5, 3, 3.5, undefined]);
  const runs = curve.runs.map((
    { direction, from, to, low, high },
  ) => [direction, ...[from, to, low, high].map(seconds)]);
  equal(runs, [[1, 0, 3, 1, 5], [-1, 3, 5, 1, 5], [1, 5, 6, 1, 6]]);
  equal([curve.over, seconds(curve.length)], ["output", 6]);
  checkCurve(curve);
  // Other streams show the first time that the source is reached.
  const map = curve.map(undefined);
  equal(
    [1, 3, 5, 5.5, 6].map((source) =>
      Math.round(
        1000 * toNumber(outputTimeOf(map, rational(2 * source, 2).den === 1n ? rational(source) : rational(11, 2))),
      )
    ),
    [0, 1000, 2000, 5900, 6000],
  );
});

testCases(
  "smooth positions pass the keyframes without overshooting, at speeds without jumps",
  FEW,
  SEEDS,
  (_, seeds) => {
    for (const seed of seeds) {
      const next = randomIntegers(seed),
        position: { output: number; source: number; curve: "smooth" | "linear" }[] = [];
      let output = 0;
      for (let i = 2 + next(5); i >= 0; i--) {
        position.push({ output, source: next(8000) / 1000, curve: next(3) ? "smooth" : "linear" });
        output += (100 + next(3000)) / 1000;
      }
      const curve = retimeCurve({ position });
      checkCurve(curve);
      for (const { output, source } of position.slice(0, -1)) ok(Math.abs(at(curve, output)[0]! - source) < 1e-9);
      for (const [i, { output, source }] of position.slice(0, -1).entries()) {
        const after = position[i + 1]!, [low, high] = [Math.min(source, after.source), Math.max(source, after.source)];
        for (let k = 1; k < 10; k++) {
          const [shown] = at(curve, output + (after.output - output) * k / 10);
          ok(shown! >= low - 1e-9 && shown! <= high + 1e-9, `${shown} is within ${low} and ${high}`);
        }
      }
      const all = position.every(({ curve }) => curve === "smooth");
      for (const { output } of all ? position.slice(1, -1) : []) {
        const [before, here, after] = at(curve, output - 0.001, output, output + 0.001);
        ok(Math.abs((after! - here!) - (here! - before!)) < 1e-3, "the speed does not jump");
      }
    }
  },
);

Deno.test("keyframes that are not possible are refused in one line", () => {
  const cases: [Retime, RegExp][] = [
    [{}, /either `speed` or `position`/],
    [{ speed: [{ at: 0, speed: 1 }], position: [{ output: 0, source: 0 }, { output: 1, source: 1 }] }, /either/],
    [{ speed: [{ at: 2, speed: 0 }] }, /the keyframe at 2 has speed 0 but no `hold`/],
    [{ speed: [{ at: 2, speed: 0, hold: 1 }] }, /the first: the video would never get there/],
    [{ speed: [{ at: 0, speed: 0, hold: 1 }, { at: 2, speed: 0, hold: 1 }] }, /never get from the keyframe at 0/],
    [{ speed: [{ at: 2, speed: -1 }] }, /negative speed; to play backward/],
    [
      { speed: [{ at: 2, speed: 1 }, { at: "0:01", speed: 2 }] },
      /the keyframe at 0:01 must be after the keyframe at 2/,
    ],
    [{ speed: [{ at: "soon", speed: 1 }] }, /"soon" must be a time/],
    [{ speed: [{ at: 0, speed: "fast" }] }, /"fast" must be a number/],
    [{ position: [{ output: 1, source: 0 }, { output: 2, source: 1 }] }, /the keyframe at 1 must be at 0/],
    [{ position: [{ output: 0, source: 0 }, { output: 0, source: 1 }] }, /must be after the keyframe at 0/],
    [{ position: [{ output: 0, source: 0 }] }, /not valid at position/],
    [{ speed: [{ at: 0, speed: 1, cruve: "linear" }] } as unknown as Retime, /not valid at speed\.0.*cruve/],
  ];
  for (const [retime, message] of cases) {
    throws(() => retimeCurve(retime), { name: "UsageError", option: "retime", message });
  }
  throws(() => parseRetime("{", "a.json"), /^UsageError: a\.json: cannot read `retime`: it is not JSON/);
  throws(
    () => parseRetime('{"speed":[{"at":1,"speed":0}]}', "a.json"),
    /^UsageError: a\.json: `retime`: the keyframe at 1/,
  );
  equal(at(parseRetime('{"speed":[{"at":1,"speed":2}]}', "a.json"), 1), [2]);
});

Deno.test("functionCurve() follows a function of the output's time, and refuses impossible ones", () => {
  const square = functionCurve((time) => multiply(time, time));
  equal(at(square, 0, 0.5, 3), [0, 0.25, 9]);
  ok(Math.abs(toNumber(square.reach(rational(4))) - 2) <= 0.001);
  const map = square.map(rational(16));
  for (const source of [1, 4, 9, 15]) {
    ok(Math.abs(toNumber(outputTimeOf(map, rational(source))) - Math.sqrt(source)) < 0.01);
  }
  ok(map.points.length < 150, `${map.points.length} points`);
  const ends = functionCurve((time) => compare(time, SECOND) < 0 ? time : undefined);
  equal(at(ends, 0.5, 1), [0.5, undefined]);
  throws(() => functionCurve(() => rational(-1)), /negative/);
  throws(() => functionCurve(() => 1 as unknown as Rational), /must return a rational number/);
  throws(() => functionCurve(() => undefined), /returns undefined for 0 s/);
  throws(() => at(functionCurve((time) => subtract(rational(9), time)), 0, 1), /goes back at 1 s/);
  const held = functionCurve(() => SECOND);
  throws(() => at(held, 0, 300, 601), /holds 1 s for more than 600 s/);
  equal(JSON.stringify(square) === JSON.stringify(functionCurve((time) => multiply(time, time))), true);
  equal(JSON.stringify(square) === JSON.stringify(functionCurve((time) => time)), false);
});
