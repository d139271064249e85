import { doesNotMatch, equal, match } from "node:assert/strict";
import { createReporter, summaryText } from "./reporter.ts";

Deno.test("summaryText() says why no frame is interpolated", () => {
  const none = { read: 5, written: 10, interpolated: 0, cuts: 0, duplicates: 0 };
  const cases = [
    [{ ...none, interpolated: 4 }, "o.mp4: 10 frames, 4 of them interpolated, 0 scene cuts"],
    [
      { ...none, read: 1, written: 2 },
      "o.mp4: 2 frames, 0 of them interpolated (the source has one frame), 0 scene cuts",
    ],
    [{ ...none, written: 5 }, /0 of them interpolated \(the output has no more frames than the source\), /],
    [{ ...none, cuts: 4 }, /\(each source frame is a new shot; --no-cuts interpolates across cuts\), 4 scene cuts$/],
    [{ ...none, cuts: 1, duplicates: 3 }, /\(the content stays the same within each shot\), 1 scene cut, 3 duplicate/],
    [{ ...none, cuts: 1 }, /\(scene cuts, and content that stays the same .* are not interpolated\), 1 scene cut$/],
  ] as const;
  for (const [summary, expected] of cases) {
    const text = summaryText("o.mp4", summary);
    if (typeof expected === "string") equal(text, expected);
    else match(text, expected);
  }
});

Deno.test("createReporter() leaves out the remaining time of a video that makes no progress", () => {
  const out: string[] = [], err: string[] = [], io = { isTerminal: false, out: (line: string) => void out.push(line) };
  const report = createReporter({ json: true, quiet: false }, { ...io, err: (line) => void err.push(line) });
  for (let i = 0; i < 6; i++) report.event({ type: "frame", done: 10, interpolated: 0, total: 10 });
  const { fps, secondsLeft } = JSON.parse(out.at(-1)!);
  equal(fps, 0);
  equal(secondsLeft, null);
  equal(err.at(-1), "10/10 frames, 0.0 frames/s");
  doesNotMatch(err.join(), /NaN|Infinity/);
});
