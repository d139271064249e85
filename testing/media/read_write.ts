import type { Frame, MediaHandler, ReadOptions } from "@slomo/core";
import { imageToRgb, planeSizes } from "@slomo/core/frames";
import {
  compare,
  format as formatRational,
  multiply,
  type Rational,
  rational,
  subtract,
  toNumber,
} from "@slomo/core/time";
import { check } from "../check.ts";
import {
  begin,
  COUNT,
  frameAt,
  imageAt,
  isReader,
  listOf,
  type MediaCase,
  RATE,
  videoFor,
  writeOptions,
  writeVideo,
} from "./subject.ts";

/** Largest mean difference after lossy encoding, relative to the range of samples. */
const TOLERANCE = 0.04;

/** Largest rounding of a timestamp, in seconds. */
const TIME_TOLERANCE = 1e-3;

async function readFrames(handler: MediaHandler, location: string, options?: ReadOptions): Promise<Frame[]> {
  const reader = await handler.source!.open(location);
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
  sentence: "reads what it wrote: the same number of frames, with the same timestamps and images",
  applies: ({ write }) => write !== undefined,
  async run({ handler, trial: { write, format, lossless }, folder, name }) {
    const location = write!(folder);
    check(handler.sink !== undefined, `${name}: it has no sink; do not set \`write\` for a handler that only reads`);
    check(await handler.sink.accepts(location), `${name}: its sink does not accept ${location}`);
    await writeVideo(handler, location, format);
    if (handler.source === undefined) return;
    const read = await readFrames(handler, location);
    check(read.length === COUNT, `${name}: it wrote ${COUNT} frames and reads ${read.length}`);
    read.forEach((frame, i) => {
      const at = secondsOf(frame, read[0]!), wanted = i / toNumber(RATE), written = imageAt(i, format);
      check(
        Math.abs(at - wanted) < TIME_TOLERANCE,
        `${name}: frame ${i} was written at ${wanted} s and is read at ${at} s`,
      );
      const { planes } = frame.image;
      const isSame = planes.length === written.planes.length &&
        planes.every((plane, p) => plane.every((sample, k) => sample === written.planes[p]![k]));
      check(!lossless || isSame, `${name}: frame ${i} differs from the written one, but the handler is lossless`);
      const far = meanDistance(frame.image, written);
      check(far < TOLERANCE, `${name}: frame ${i} differs from the written one by ${far.toFixed(3)} of the range`);
    });
  },
};

/** Reading a part of a video returns the frames of that part. */
export const excerpts: MediaCase = {
  id: "excerpts",
  sentence: "reads the requested part of a video",
  applies: isReader,
  async run(subject) {
    const { handler, name } = subject, location = await videoFor(subject), whole = await readFrames(handler, location);
    if (whole.length < 4) throw new Error(`${name}: the sample has ${whole.length} frames and must have 4 or more`);
    const timeOf = (i: number) => multiply(rational(whole[i]!.pts - whole[0]!.pts), whole[i]!.timebase);
    const part = await readFrames(handler, location, { start: timeOf(1), end: timeOf(3) });
    const shown = part.map(({ image }) => whole.findIndex((frame) => meanDistance(frame.image, image) === 0));
    check(part.length === 2, `${name}: from frame 1 to before frame 3 it reads ${part.length} frames`);
    check(
      part.every(({ image }, i) => meanDistance(image, whole[i + 1]!.image) === 0),
      `${name}: from frame 1 to before frame 3 it reads frames ${shown.join(", ")}`,
    );
    const after = subtract(timeOf(1), rational(1, 1_000_000)),
      [first] = await readFrames(handler, location, { start: after });
    check(
      first !== undefined && meanDistance(first.image, whole[1]!.image) === 0,
      `${name}: reading must begin with the first frame at or after the start`,
    );
  },
};

/** Frames agree with the announced facts and do not change. */
export const frames: MediaCase = {
  id: "frames",
  sentence: "reads frames with the announced facts, in order, and does not change them afterwards",
  applies: isReader,
  async run(subject) {
    const { handler: { source }, name } = subject, location = await videoFor(subject);
    check(source !== undefined, `${name}: it has no source; do not set \`sample\` for a handler that only writes`);
    check(await source.accepts(location), `${name}: it does not accept ${location}`);
    const reader = await source.open(location), { info } = reader, { width, height, format } = info.video;
    const sizes = planeSizes(width, height, format), seen: { readonly samples: readonly number[][] }[] = [];
    const read = [];
    let before: Rational | undefined;
    for await (const frame of reader.frames()) {
      const { image } = frame, at = `frame ${read.length} of ${name}`;
      check(
        image.width === width && image.height === height && JSON.stringify(image.format) === JSON.stringify(format),
        `${at}: it is announced as ${width} × ${height} and is ${image.width} × ${image.height}, or of another format`,
      );
      check(
        image.planes.length === sizes.length &&
          image.planes.every((plane, i) => plane.length === sizes[i]![0] * sizes[i]![1]),
        `${at}: its planes do not have the sizes of its format`,
      );
      const isWide = format.depth > 8;
      check(
        image.planes.every((plane) => plane instanceof Uint16Array === isWide),
        `${at}: its samples have ${format.depth} bits and must be stored in a Uint${isWide ? 16 : 8}Array`,
      );
      const time = multiply(rational(frame.pts), frame.timebase);
      check(
        compare(frame.timebase, info.video.timebase) === 0,
        `${at}: its time base is ${formatRational(frame.timebase)}, and ${
          formatRational(info.video.timebase)
        } is announced`,
      );
      check(
        before === undefined || compare(time, before) > 0,
        `${at}: its timestamp is not after that of the previous frame`,
      );
      before = time;
      read.push(frame);
      seen.push({ samples: image.planes.map((plane) => [...plane]) });
    }
    await reader.close();
    check(read.length >= 2, `${name}: it read only ${read.length} frames`);
    read.forEach(({ image }, i) =>
      check(
        image.planes.every((plane, p) => plane.every((sample, k) => sample === seen[i]!.samples[p]![k])),
        `${name}: frame ${i} changed while others were read; allocate samples for each frame`,
      )
    );
    const { frames: announced } = info.video;
    check(
      announced === undefined || announced === read.length,
      `${name}: it announced ${announced} frames and read ${read.length}`,
    );
  },
};

/** A target gets its name when it is complete. */
export const halfWritten: MediaCase = {
  id: "half-written",
  sentence: "renames a finished video atomically, and leaves no other file",
  applies: ({ write }) => write !== undefined,
  async run({ handler, trial: { write, format }, folder, name }) {
    const location = write!(folder), writer = await begin(handler, writeOptions(location, format));
    const existing = async () =>
      (await listOf(folder)).filter((found) => `${folder}/${found}` === topOf(location, folder));
    for (let i = 0; i < COUNT; i++) {
      await writer.write(frameAt(i, format));
      check(
        (await existing()).length === 0,
        `${name}: ${location} exists before it is complete`,
      );
    }
    await writer.finish();
    check(
      (await existing()).length === 1,
      `${name}: ${location} does not exist after finish()`,
    );
    const left = await listOf(folder), own = topOf(location, folder).slice(folder.length + 1);
    const others = left.filter((found) => found !== own && !found.startsWith(`${own}/`));
    check(others.length === 0, `${name}: it leaves ${others.join(", ")} in addition to its output`);
    await writer.abort();
    check((await listOf(folder)).join() === left.join(), `${name}: abort() after finish() must do nothing`);
  },
};

/** Returns the file or folder, directly in `folder`, that a location creates. */
function topOf(location: string, folder: string): string {
  const below = location.slice(folder.length).replaceAll("\\", "/").split("/").filter((step) => step !== "");
  return `${folder}/${below[0]}`;
}
