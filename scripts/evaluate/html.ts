import {
  meansOfMotion,
  meansOfSets,
  resizeImage,
  type ResultWithImages,
  type ScoresByMethod,
  type SequenceResult,
  videoMeansOfSets,
} from "@slomo/training/evaluation";
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
div.row{display:flex;overflow-x:auto}figure{margin:.3rem;min-width:12rem}figure img{display:block;max-width:100%}figcaption{font-size:.85em;color:#555}
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

/** Scores of one row of the table. */
interface Row extends Pick<SequenceResult, "video"> {
  readonly mean: ScoresByMethod;
}

function cells({ mean, video }: Row, methods: readonly string[], hasVideo: boolean): string {
  const cell = (value: number | undefined, best: number, decimals: number) =>
    `<td${methods.length > 1 && value === best ? ' class="best"' : ""}>${
      value === undefined ? "–" : shown(value, decimals)
    }</td>`;
  return methods.flatMap((method) => {
    const scores = COLUMNS.map(([key, , decimals]) => {
      const all = methods.map((other) => mean[other]![key]);
      return cell(mean[method]![key], key === "ie" ? Math.min(...all) : Math.max(...all), decimals);
    });
    return hasVideo ? [...scores, cell(video?.[method], Math.max(...Object.values(video ?? {})), 2)] : scores;
  }).join("");
}

function table({ results, metric }: Report, methods: readonly string[]): string {
  const videos = videoMeansOfSets(results), titles = COLUMNS.map(([, title]) => title);
  if (metric) titles.push(escape(metric.title));
  const row = (name: string, count: number, scores: Row, kind = "") =>
    `<tr${kind}><td>${escape(name)}</td><td>${count}</td>${cells(scores, methods, metric !== undefined)}</tr>`;
  const rows = [...meansOfSets(results)].flatMap(([set, mean]) => {
    const members = results.filter((result) => result.set === set);
    return [
      ...members.map(({ name, pairs, ...scores }) => row(name, pairs.length, scores)),
      row(`mean of ${set}`, members.length, { mean, video: videos.get(set) }, ' class="mean"'),
    ];
  });
  const byMotion = meansOfMotion(results).map(({ name, frames, mean }) =>
    row(`${name} motion`, frames, { mean }, ' class="mean"')
  );
  return `<table><tr><th></th><th></th>${
    methods.map((method) => `<th colspan="${titles.length}">${escape(method)}</th>`).join("")
  }</tr><tr><th>sequence</th><th>frames</th>${
    methods.map(() => titles.map((title) => `<th>${title}</th>`).join("")).join("")
  }</tr>${[...rows, ...byMotion].join("\n")}</table>`;
}

/** A frame, and the methods among whose worst it is. */
interface WorstFrame {
  readonly frame: ResultWithImages;
  readonly of: string[];
}

/** Returns each of the worst frames once, in the order of the methods. */
function worstFrames(worst: Report["worst"]): WorstFrame[] {
  const found = new Map<string, WorstFrame>();
  for (const [method, frames] of worst) {
    for (const frame of frames) {
      const key = JSON.stringify([frame.sequence, frame.name]), known = found.get(key);
      if (known) known.of.push(method);
      else found.set(key, { frame, of: [method] });
    }
  }
  return [...found.values()];
}

/** Shows a frame: the source frames and the ground truth, the results of all methods side by side, and their differences below. */
function images({ frame, of }: WorstFrame): string {
  const { sequence, name, groundTruth, interpolated, between, scores } = frame, results = Object.entries(interpolated);
  const row = (figures: readonly string[]) => `<div class="row">${figures.join("")}</div>`;
  const neighbors = between ? [figure(between[0], "frame before"), figure(between[1], "frame after")] : [];
  return [
    `<h3>${escape(`${sequence}: ${name}`)}</h3><p>${escape(`among the worst of ${of.join(", ")}`)}</p>`,
    row([...neighbors, figure(groundTruth, "ground truth")]),
    row(
      results.map(([method, image]) =>
        figure(image, `${method}: ${shown(scores[method]!.psnr, 2)} dB, SSIM ${shown(scores[method]!.ssim, 4)}`)
      ),
    ),
    row(
      results.map(([method, image]) => figure(difference(image, groundTruth), `${method}: difference × ${GAIN}`, true)),
    ),
  ].join("\n");
}

/** Returns the report as one HTML page that contains its images. */
export function reportHtml(report: Report): string {
  const methods = Object.keys(report.methods), { worst, notes } = report, frames = worstFrames(worst);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(`Evaluation on ${report.data}`)}</title><style>${STYLE}</style></head><body>
<h1>${escape(`Evaluation on ${report.data}`)}</h1>
${table(report, methods)}
${notes.length > 0 ? `<h2>Notes</h2><ul>${notes.map((note) => `<li>${escape(note)}</li>`).join("")}</ul>` : ""}
<h2>Metrics and methods</h2>
<dl>${measuredFacts(report).map(([what, how]) => `<dt>${escape(what)}</dt><dd>${escape(how)}</dd>`).join("\n")}</dl>
${frames.length > 0 ? `<h2>${escape(`Worst frames of ${[...worst.keys()].join(", ")}`)}</h2>` : ""}
${frames.map(images).join("\n")}
</body></html>
`;
}
