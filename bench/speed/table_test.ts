import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { isFirstInterpolated, RIFE, type Turn } from "./methods.ts";
import { replaceTables, type Report, reportMarkdown, summarize } from "./table.ts";

const MEBIBYTE = 2 ** 20;

const SLOMO_TURNS: readonly Turn[] = [
  {
    command: { short: { wall: 3000, cpu: 2000 }, long: { wall: 12000, cpu: 14100 } },
    startUp: { wall: 2000, cpu: 1500 },
    networks: { wall: 800, cpu: 1500 },
    peak: 900 * MEBIBYTE,
  },
  {
    command: { short: { wall: 2600, cpu: 2100 }, long: { wall: 9800, cpu: 14000 } },
    startUp: { wall: 1800, cpu: 1600 },
    networks: { wall: 500, cpu: 900 },
    peak: 800 * MEBIBYTE,
  },
];

const REPORT: Report = {
  facts: ["Machine: A, 2 cores.", "Minimum of 2 runs."],
  results: [
    summarize("64×64", "slomo, default", SLOMO_TURNS),
    summarize("64×64", RIFE, [{ networks: { wall: 900, cpu: 1700 }, peak: 500 * MEBIBYTE }]),
    { size: "96×64", method: RIFE, reason: "no Python with torch; set SLOMO_PYTHON" },
  ],
  steps: [
    { method: "slomo, tensorflow", step: { wall: 600, cpu: 1100 } },
    { method: "PyTorch", step: { wall: 500, cpu: 1000 } },
  ],
};

Deno.test("summarize() takes the minimum of times and the maximum of memory, and divides the difference of clips", () => {
  equal(REPORT.results[0], {
    size: "64×64",
    method: "slomo, default",
    peak: 900 * MEBIBYTE,
    frame: { wall: 600, cpu: 1000 },
    networks: { wall: 500, cpu: 900 },
    startUp: { wall: 1800, cpu: 1500 },
  });
  equal(Object.keys(REPORT.results[1]!), ["size", "method", "peak", "networks"]);
});

Deno.test("reportMarkdown() compares whole commands with RIFE's network, and tells why a row is empty", () => {
  const lines = reportMarkdown(REPORT).split("\n");
  const cells = (line: string) => line.split("|").slice(1, -1).map((cell) => cell.trim());
  const rows = lines.filter((line) => line.startsWith("|")).map(cells);
  equal(lines.slice(0, 3), ["- Machine: A, 2 cores.", "- Minimum of 2 runs.", ""]);
  equal(rows[2], ["64×64", "slomo, default", "600", "1000", "1.50", "500", "900", "900", "1.80", "1.50"]);
  equal(rows[3], ["64×64", RIFE, "", "", "1.00", "900", "1700", "500", "", ""]);
  equal(rows[4]!.slice(0, 4), ["96×64", RIFE, "no Python with torch; set SLOMO_PYTHON", ""]);
  equal(rows.slice(-2), [["slomo, tensorflow", "600", "1100", "1.10"], ["PyTorch", "500", "1000", "1.00"]]);
});

Deno.test("reportMarkdown() leaves out the comparison without RIFE, and training without its steps", () => {
  const [ours] = REPORT.results, steps = [REPORT.steps[0]!, { method: "PyTorch", reason: "Python has no torch" }];
  const without = reportMarkdown({ ...REPORT, results: [ours!], steps: [] }).split("\n");
  equal(/\| 1000\s+\|\s+\| 500/.test(without.at(-1)!), true);
  const last = reportMarkdown({ ...REPORT, steps }).split("\n").slice(-2).map((line) =>
    line.split("|").map((cell) => cell.trim())
  );
  equal(last, [["", "slomo, tensorflow", "600", "1100", "", ""], ["", "PyTorch", "Python has no torch", "", "", ""]]);
});

Deno.test("replaceTables() replaces what is between the comments of docs/speed.md, formatted as the formatter does", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/speed.md", import.meta.url));
  const once = replaceTables(page, reportMarkdown(REPORT)), twice = replaceTables(once, reportMarkdown(REPORT));
  equal(twice, once);
  equal([once.includes("| 64×64 | slomo, default"), once.startsWith(page.slice(0, 200))], [true, true]);
  equal(replaceTables(replaceTables(page, "x"), reportMarkdown(REPORT)), once);
  const format = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "--check", "-"],
    cwd: new URL("../../", import.meta.url),
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await ReadableStream.from([new TextEncoder().encode(once)]).pipeTo(format.stdin);
  equal((await format.status).success, true);
  throws(() => replaceTables("# Speed\n", "x"), /docs\/speed\.md: cannot replace the tables: .* is missing/);
});

Deno.test("isFirstInterpolated() recognizes the second frame among the events of interpolate", () => {
  const events = [{ type: "plan" }, { type: "frame", done: 1 }, { type: "frame", done: 2 }, { type: "frame", done: 3 }];
  equal(events.map((event) => isFirstInterpolated(JSON.stringify(event))), [false, false, true, false]);
});
