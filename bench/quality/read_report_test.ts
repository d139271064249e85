import { deepStrictEqual as equal } from "node:assert/strict";
import { reportJson } from "../../scripts/evaluate/report.ts";
import { readReport } from "./read_report.ts";

Deno.test("readReport() returns the results that a report was written from", () => {
  const mean = { a: { psnr: Infinity, ssim: 1, ssimLuma: 1, ie: 0 }, b: { psnr: 30, ssim: 0.9, ssimLuma: 0.8, ie: 3 } };
  const result = {
    name: "walk",
    set: "clips",
    mean,
    video: { a: 99, b: 50 },
    pairs: [{ name: "1", motion: 4, scores: mean }],
  };
  const text = reportJson({
    ...{ data: "x", methods: { a: "", b: "" }, subset: {}, notes: [], metric: undefined, worst: new Map() },
    results: [result],
  });
  equal(readReport(text, "mine"), [{ ...result, set: "mine" }]);
});
