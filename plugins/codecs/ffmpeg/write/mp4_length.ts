import { type Rational, round } from "@slomo/core/time";
import { readAt } from "../../read_at.ts";

/** A box of an mp4 file, and the range of its content. */
interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Yields the boxes in `view` from `start` to `end`. */
function* boxes(view: DataView, start: number, end: number): Generator<Box> {
  for (let at = start; at + 8 <= end;) {
    const size = view.getUint32(at), isLong = size === 1;
    const length = isLong ? Number(view.getBigUint64(at + 8)) : size === 0 ? end - at : size;
    if (length < 8) return;
    const type = String.fromCharCode(...[4, 5, 6, 7].map((offset) => view.getUint8(at + offset)));
    yield { type, start: at + (isLong ? 16 : 8), end: at + length };
    at += length;
  }
}

/** Returns the box at a path of types within another. */
function find(view: DataView, within: Box, ...path: readonly string[]): Box | undefined {
  return path.reduce<Box | undefined>(
    (box, type) => box && [...boxes(view, box.start, box.end)].find((child) => child.type === type),
    within,
  );
}

/** Returns a number of a full box, of 4 bytes in version 0 and 8 in version 1, and a setter for it. */
function field(view: DataView, box: Box, offsets: readonly [version0: number, version1: number]) {
  const isLong = view.getUint8(box.start) === 1, at = box.start + offsets[isLong ? 1 : 0];
  return {
    value: isLong ? view.getBigUint64(at) : BigInt(view.getUint32(at)),
    set: (value: bigint) => isLong ? view.setBigUint64(at, value) : view.setUint32(at, Number(value)),
  };
}

/** Raises a number to `least` if it is below, and returns the difference. */
function raiseTo(number: ReturnType<typeof field>, least: bigint): bigint {
  const missing = least - number.value;
  if (missing <= 0n) return 0n;
  number.set(least);
  return missing;
}

/** Returns the sum of a track's frame durations, in its time scale. */
function sumOf(view: DataView, stts: Box, entries: number): number {
  let sum = 0;
  for (let at = stts.start + 8; at < stts.start + 8 + 8 * entries; at += 8) {
    sum += view.getUint32(at) * view.getUint32(at + 4);
  }
  return sum;
}

/** Extends the first video track of `moov` to `seconds`, and returns whether it was shorter. */
function patch(view: DataView, moov: Box, seconds: Rational): boolean {
  const isVideo = (trak: Box) => {
    const handler = find(view, trak, "mdia", "hdlr");
    return handler !== undefined && view.getUint32(handler.start + 8) === 0x76696465;
  };
  const trak = [...boxes(view, moov.start, moov.end)].find((box) => box.type === "trak" && isVideo(box));
  const at = (...path: readonly string[]) => trak && find(view, trak, ...path);
  const stts = at("mdia", "minf", "stbl", "stts"),
    mdhd = at("mdia", "mdhd"),
    tkhd = at("tkhd"),
    elst = at("edts", "elst");
  const mvhd = find(view, moov, "mvhd");
  if (!stts || !mvhd || !tkhd || !mdhd) return false;

  const scaleOf = (header: Box) => BigInt(view.getUint32(header.start + (view.getUint8(header.start) === 1 ? 20 : 12)));
  const inUnits = (scale: bigint) => round({ num: seconds.num * scale, den: seconds.den });
  const entries = view.getUint32(stts.start + 4), last = stts.start + 8 * entries;
  let changed = false;
  const ticks = inUnits(scaleOf(mdhd));
  if (entries > 0 && view.getUint32(last) === 1) {
    const missing = Number(ticks) - sumOf(view, stts, entries);
    if (missing > 0) view.setUint32(last + 4, view.getUint32(last + 4) + missing);
    changed = raiseTo(field(view, mdhd, [16, 24]), ticks) > 0n || missing > 0;
  }
  const track = field(view, tkhd, [20, 28]), length = inUnits(scaleOf(mvhd));
  if (!elst) changed = raiseTo(track, length) > 0n || changed;
  else {
    const before = view.getUint32(elst.start + 4) - 1;
    const missing = raiseTo(field(view, elst, [8 + 12 * before, 8 + 20 * before]), length);
    track.set(track.value + missing);
    changed = missing > 0n || changed;
  }
  raiseTo(field(view, mvhd, [16, 24]), field(view, tkhd, [20, 28]).value);
  return changed;
}

/**
 * Extends the duration of an mp4 or mov file to the end of its last frame. ffmpeg computes the end of the frame that is decoded
 * last, which before 5.0 has no duration, so that the edit list hides frames. The header is changed in place.
 */
export async function ensureLength(path: string, seconds: Rational): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  const { size } = await file.stat();
  for (let at = 0; at + 8 <= size;) {
    const head = new DataView((await readAt(file, at, 16)).buffer), short = head.getUint32(0);
    const length = short === 1 ? Number(head.getBigUint64(8)) : short === 0 ? size - at : short;
    if (length < 8) return;
    if (head.getUint32(4) === 0x6d6f6f76) {
      const bytes = await readAt(file, at, length), view = new DataView(bytes.buffer);
      const moov = [...boxes(view, 0, length)][0]!;
      if (!patch(view, moov, seconds)) return;
      await file.seek(at, Deno.SeekMode.Start);
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      return;
    }
    at += length;
  }
}
