import { compare, format as formatRational, multiply, type Rational, rational } from "@slomo/core/time";
import { planeSizes } from "@slomo/core/frames";
import { check } from "../check.ts";
import { isReader, type MediaCase, videoFor } from "./subject.ts";

/** Frames agree with the announced facts and do not change. */
export const frames: MediaCase = {
  id: "frames",
  sentence: "reads frames with the announced facts, in order, and does not change them afterwards",
  applies: isReader,
  async run(subject) {
    const { codec: { source }, name } = subject, location = await videoFor(subject);
    check(source !== undefined, `${name}: it has no source; a codec that only writes needs no sample`);
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
