import { meansOfSets, resizeImage, type ResultWithImages, type ScoresByMethod } from "@slomo/training/evaluation";
import type { RgbImage } from "@slomo/training/metrics";
import { encode } from "fast-png";
import { COLUMNS, measuredFacts, type Report, shown } from "./report.ts";

/** Largest length of the longer side of images in pixels. */
const MAX_SIDE = 480;

/** Factor by which difference images are amplified. */
const GAIN = 4;

const STYLE =
  `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:.15rem .6rem;text-align:right}
th:first-child,td:first-child{text-align:left}tr.mean{font-weight:600;border-top:1px solid #999}td.best{background:#e3f3e3}
figure{display:inline-block;margin:.3rem}figure img{display:block;max-width:100%}figcaption{font-size:.85em;color:#555}
dt{font-weight:600}dd{margin:0 0 .3rem 1rem}`;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (text: string) => text.replace(/[&<>"]/g, (c) => ENTITIES[c]!);

function scaleDown(image: RgbImage): RgbImage {
  const { width, height } = image, scale = MAX_SIDE / Math.max(width, height);
  return scale >= 1 ? image : resizeImage(image, Math.round(width * scale), Math.round(height * scale));
}

function figure(image: RgbImage, caption: string, gray = false): string {
  const { width, height, pixels } = scaleDown(image);
  const data = gray ? pixels.filter((_, i) => i % 3 === 0) : pixels;
  const png = encode({ width, height, channels: gray ? 1 : 3, data }).toBase64(), text = escape(caption);
  return `<figure><img alt="${text}" src="data:image/png;base64,${png}"><figcaption>${text}</figcaption></figure>`;
}

/** Returns the largest difference of the three channels as a gray image. */
function difference(a: RgbImage, b: RgbImage): RgbImage {
  const pixels = new Uint8Array(a.pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    const distance = (c: number) => Math.abs(a.pixels[i + c]! - b.pixels[i + c]!);
    pixels.fill(Math.min(255, GAIN * Math.max(distance(0), distance(1), distance(2))), i, i + 3);
  }
  return { ...a, pixels };
}

function cells(scores: ScoresByMethod, methods: readonly string[]): string {
  return methods.flatMap((method) =>
    COLUMNS.map(([key, , decimals]) => {
      const all = methods.map((other) => scores[other]![key]), value = scores[method]![key];
      const isBest = methods.length > 1 && value === (key === "ie" ? Math.min(...all) : Math.max(...all));
      return `<td${isBest ? ' class="best"' : ""}>${shown(value, decimals)}</td>`;
    })
  ).join("");
}

function table({ results }: Report, methods: readonly string[]): string {
  const row = (name: string, count: number, scores: ScoresByMethod, kind = "") =>
    `<tr${kind}><td>${escape(name)}</td><td>${count}</td>${cells(scores, methods)}</tr>`;
  const rows = [...meansOfSets(results)].flatMap(([set, mean]) => {
    const members = results.filter((result) => result.set === set);
    return [
      ...members.map(({ name, pairs, mean }) => row(name, pairs.length, mean)),
      row(`mean of ${set}`, members.length, mean, ' class="mean"'),
    ];
  });
  return `<table><tr><th></th><th></th>${
    methods.map((method) => `<th colspan="${COLUMNS.length}">${escape(method)}</th>`).join("")
  }</tr><tr><th>sequence</th><th>frames</th>${
    methods.map(() => COLUMNS.map(([, title]) => `<th>${title}</th>`).join("")).join("")
  }</tr>${rows.join("\n")}</table>`;
}

function images({ sequence, name, groundTruth, interpolated, between, scores }: ResultWithImages): string {
  const figures = Object.entries(interpolated).flatMap(([method, image]) => [
    figure(image, `${method}: ${shown(scores[method]!.psnr, 2)} dB, SSIM ${shown(scores[method]!.ssim, 4)}`),
    figure(difference(image, groundTruth), `${method}: difference × ${GAIN}`, true),
  ]);
  const neighbors = between ? [figure(between[0], "frame before"), figure(between[1], "frame after")] : [];
  return `<h3>${escape(`${sequence}: ${name}`)}</h3>\n${
    [...neighbors, figure(groundTruth, "ground truth"), ...figures].join("\n")
  }`;
}

/** Returns the report as one HTML page that contains its images. */
export function reportHtml(report: Report): string {
  const methods = Object.keys(report.methods), { worst, notes } = report;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(`Evaluation on ${report.data}`)}</title><style>${STYLE}</style></head><body>
<h1>${escape(`Evaluation on ${report.data}`)}</h1>
${table(report, methods)}
${notes.length > 0 ? `<h2>Notes</h2><ul>${notes.map((note) => `<li>${escape(note)}</li>`).join("")}</ul>` : ""}
<h2>Metrics and methods</h2>
<dl>${measuredFacts(report).map(([what, how]) => `<dt>${escape(what)}</dt><dd>${escape(how)}</dd>`).join("\n")}</dl>
${worst.length > 0 ? `<h2>${escape(`Worst frames of ${methods[0]}`)}</h2>` : ""}
${worst.map(images).join("\n")}
</body></html>
`;
}
