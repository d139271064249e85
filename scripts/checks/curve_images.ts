/** Images of time curves for `docs/time.md`, which `deno task schema` writes. */
import { parseSlow, retimeCurve, sampleCurve, slowCurve, type TimeCurve } from "@slomo/core/retime";
import { rational } from "@slomo/core/time";

/** Size of an image and of its margins, in pixels. */
const WIDTH = 480, HEIGHT = 240, LEFT = 44, RIGHT = 12, TOP = 12, BOTTOM = 36;

/** A curve and the length of its source in seconds. */
interface CurveImage {
  readonly curve: TimeCurve;
  readonly seconds: number;
  readonly title: string;
}

const position = (...keys: (readonly [output: number, source: number, curve?: "linear" | "smooth"])[]) =>
  retimeCurve({ position: keys.map(([output, source, curve = "linear"]) => ({ output, source, curve })) });

/** The images by file name. */
const IMAGES: Readonly<Record<string, CurveImage>> = {
  "time-slow.svg": {
    curve: slowCurve([parseSlow("2-3=4")]),
    seconds: 6,
    title: "--slow 2-3=4: one second lasts four, with ramps before and after",
  },
  "time-hard.svg": {
    curve: slowCurve([parseSlow("2-3=4")], rational(0)),
    seconds: 6,
    title: "--slow 2-3=4 --ease 0: the speed changes at once",
  },
  "time-hold.svg": {
    curve: retimeCurve({
      speed: [{ at: 0, speed: 1, curve: "constant" }, { at: 2, speed: 0, hold: 2 }, { at: 4, speed: 1 }],
    }),
    seconds: 6,
    title: "Keyframes of the speed: the video stops at 2 s, holds the frame for 2 s, and gains speed again",
  },
  "time-reverse.svg": {
    curve: position([0, 0], [3, 4, "smooth"], [5, 1, "smooth"], [8, 6]),
    seconds: 6,
    title: "Keyframes of the position: forward to 4 s, backward to 1 s, and forward again",
  },
};

/** Returns steps of 1, 2 or 5 seconds that divide an axis into at most ten parts. */
function stepOf(length: number): number {
  return [1, 2, 5, 10, 20].find((step) => length / step <= 10) ?? length;
}

/** Draws a curve: the time of the source over the time of the output. */
export function curveImage({ curve, seconds, title }: CurveImage): string {
  const samples = sampleCurve(curve, rational(seconds)), length = samples.at(-1)!.output;
  const x = (output: number) => (LEFT + output / length * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (source: number) => (HEIGHT - BOTTOM - source / seconds * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const ticks = (end: number) => {
    const step = stepOf(end);
    return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => i * step);
  };
  const points = samples.map(({ output, source }) => `${x(output)},${y(source)}`).join(" ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...ticks(length).flatMap((time) => [
      `<line x1="${x(time)}" x2="${x(time)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="#e4e4e4"/>`,
      `<text x="${x(time)}" y="${HEIGHT - BOTTOM + 14}" text-anchor="middle" fill="#555">${time}</text>`,
    ]),
    ...ticks(seconds).flatMap((time) => [
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(time)}" y2="${y(time)}" stroke="#e4e4e4"/>`,
      `<text x="${LEFT - 6}" y="${Number(y(time)) + 4}" text-anchor="end" fill="#555">${time}</text>`,
    ]),
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${
      HEIGHT - 6
    }" text-anchor="middle" fill="#333">output, in seconds</text>`,
    `<text transform="translate(12 ${
      (HEIGHT - BOTTOM + TOP) / 2
    }) rotate(-90)" text-anchor="middle" fill="#333">source, in seconds</text>`,
    `<polyline points="${points}" fill="none" stroke="#1565c0" stroke-width="2" stroke-linejoin="round"/>`,
    ...samples.filter(({ isBorder }) => isBorder).map(({ output, source }) =>
      `<circle cx="${x(output)}" cy="${y(source)}" r="3" fill="#1565c0"/>`
    ),
    "</svg>",
    "",
  ].join("\n");
}

/** Returns the images by their paths in the repository. */
export function curveImages(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(IMAGES).map(([name, image]) => [`docs/${name}`, curveImage(image)]),
  );
}
