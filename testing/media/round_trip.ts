import type { MediaHandler, ReadOptions } from "@slomo/core";
import type { Frame } from "@slomo/core";
import { imageToRgb } from "@slomo/core/frames";
import { multiply, rational, subtract, toNumber } from "@slomo/core/time";
import { check } from "../check.ts";
import { COUNT, imageAt, RATE, writeVideo } from "./video.ts";
import { isReader, type MediaCase, videoFor } from "./subject.ts";

/** Mean difference, of the whole range, that coding may cost. */
const TOLERANCE = 0.04;

/** Seconds by which a timestamp may be rounded. */
const MOMENT = 1e-3;

async function readAll(codec: MediaHandler, location: string, options?: ReadOptions): Promise<Frame[]> {
  const reader = await codec.source!.open(location);
  try {
    return await Array.fromAsync(reader.frames(options));
  } finally {
    await reader.close();
  }
}

const secondsOf = ({ pts, timebase }: Frame, { pts: first }: Frame) =>
  toNumber(multiply(rational(pts - first), timebase));

function meanDistance(found: Frame["image"], expected: Frame["image"]): number {
  if (found.width !== expected.width || found.height !== expected.height) return Infinity;
  const [a, b] = [imageToRgb(found), imageToRgb(expected)];
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

/** Written frames are read back. */
export const roundTrip: MediaCase = {
  id: "round trip",
  sentence: "reads what it wrote: as many frames, at their times, with their images",
  applies: ({ write }) => write !== undefined,
  async run({ codec, trial: { write, format, lossless }, folder, name }) {
    const location = write!(folder);
    check(codec.sink !== undefined, `${name}: it has no sink; a codec that only reads has no place to write to`);
    check(await codec.sink.accepts(location), `${name}: it does not accept ${location}, which it is to write`);
    await writeVideo(codec, location, format);
    if (codec.source === undefined) return;
    const read = await readAll(codec, location);
    check(read.length === COUNT, `${name}: it wrote ${COUNT} frames and reads ${read.length}`);
    read.forEach((frame, i) => {
      const at = secondsOf(frame, read[0]!), wanted = i / toNumber(RATE), written = imageAt(i, format);
      check(Math.abs(at - wanted) < MOMENT, `${name}: frame ${i} was written at ${wanted} s and is read at ${at} s`);
      const { planes } = frame.image;
      const isSame = planes.length === written.planes.length &&
        planes.every((plane, p) => plane.every((sample, k) => sample === written.planes[p]![k]));
      check(!lossless || isSame, `${name}: frame ${i} is not read as it was written, to the bit`);
      const far = meanDistance(frame.image, written);
      check(far < TOLERANCE, `${name}: frame ${i} is read with another image (by ${far.toFixed(3)} of the range)`);
    });
  },
};

/** A part of a video is what the whole holds there. */
export const excerpts: MediaCase = {
  id: "excerpts",
  sentence: "reads the part of a video that is asked for",
  applies: isReader,
  async run(subject) {
    const { codec, name } = subject, location = await videoFor(subject), whole = await readAll(codec, location);
    if (whole.length < 4) throw new Error(`${name}: the sample has ${whole.length} frames and must have 4 or more`);
    const timeOf = (i: number) => multiply(rational(whole[i]!.pts - whole[0]!.pts), whole[i]!.timebase);
    const part = await readAll(codec, location, { start: timeOf(1), end: timeOf(3) });
    const shown = part.map(({ image }) => whole.findIndex((frame) => meanDistance(frame.image, image) === 0));
    check(part.length === 2, `${name}: from frame 1 to before frame 3 it reads ${part.length} frames`);
    check(
      part.every(({ image }, i) => meanDistance(image, whole[i + 1]!.image) === 0),
      `${name}: from frame 1 to before frame 3 it reads frames ${shown.join(", ")}`,
    );
    const after = subtract(timeOf(1), rational(1, 1_000_000)),
      [first] = await readAll(codec, location, { start: after });
    check(
      first !== undefined && meanDistance(first.image, whole[1]!.image) === 0,
      `${name}: the first frame that is not before the start must come first`,
    );
  },
};
