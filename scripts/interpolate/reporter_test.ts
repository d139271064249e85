import { equal, match } from "node:assert/strict";
import { summaryText } from "./reporter.ts";

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
