import type { NutStream } from "./codes.ts";

/** What a frame code stands for: a row of the main header's table. */
export interface FrameCode {
  /** Flags, see `FLAG`. */
  readonly flags: number;
  /** Added to the last timestamp. */
  readonly ptsDelta: number;
  /** Multiplier of the coded part of the size. */
  readonly sizeMultiplier: number;
  /** The rest of the size. */
  readonly sizeRemainder: number;
  /** Number of reserved values that follow. */
  readonly reserved: number;
  /** Which elided header the frame begins with. */
  readonly headerIndex: number;
}

/** The main header. */
export interface MainHeader {
  /** Seconds a unit, numerator and denominator. */
  readonly timebases: readonly (readonly [bigint, bigint])[];
  /** One entry a code; none for the letter N, which begins a packet. */
  readonly codes: readonly (FrameCode | undefined)[];
  /** Bytes that frames may leave out at their beginning; the first is empty. */
  readonly elided: readonly Uint8Array[];
}

/** The stream header beside {@linkcode NutStream}. */
export interface StreamHeader extends NutStream {
  /** Bits of a timestamp that are written when its upper part is the last one's. */
  readonly ptsShift: bigint;
}

/** Reads values out of a packet's body. */
class Body {
  #position = 0;
  constructor(private readonly bytes: Uint8Array) {}
  varint(): bigint {
    for (let value = 0n;;) {
      const byte = this.bytes[this.#position++];
      if (byte === undefined) throw new RangeError("nut: a packet is shorter than its fields");
      value = (value << 7n) | BigInt(byte & 127);
      if (byte < 128) return value;
    }
  }
  number(): number {
    return Number(this.varint());
  }
  signed(): number {
    const value = this.number() + 1;
    return value & 1 ? -(value >> 1) : value >> 1;
  }
  run(): Uint8Array {
    const length = this.number();
    this.#position += length;
    return this.bytes.slice(this.#position - length, this.#position);
  }
}

/** Reads the main header's body. */
export function parseMain(bytes: Uint8Array): MainHeader {
  const body = new Body(bytes);
  if (body.number() > 3) body.number();
  body.number();
  body.number();
  const timebases = Array.from({ length: body.number() }, () => [body.varint(), body.varint()] as const);
  const codes: (FrameCode | undefined)[] = [];
  let ptsDelta = 0, sizeMultiplier = 1, headerIndex = 0;
  while (codes.length < 256) {
    const flags = body.number(), fields = body.number();
    let remainder = 0, reserved = 0;
    if (fields > 0) ptsDelta = body.signed();
    if (fields > 1) sizeMultiplier = body.number();
    if (fields > 2) body.number();
    if (fields > 3) remainder = body.number();
    if (fields > 4) reserved = body.number();
    const count = fields > 5 ? body.number() : sizeMultiplier - remainder;
    if (fields > 6) body.signed();
    if (fields > 7) headerIndex = body.number();
    for (let field = 8; field < fields; field++) body.number();
    for (let made = 0; made < count && codes.length < 256;) {
      if (codes.length === 0x4e) {
        codes.push(undefined);
        continue;
      }
      codes.push({ flags, ptsDelta, sizeMultiplier, sizeRemainder: remainder + made++, reserved, headerIndex });
    }
  }
  const elided = [new Uint8Array(0), ...Array.from({ length: body.number() }, () => body.run())];
  return { timebases, codes, elided };
}

/** Reads a stream header's body. */
export function parseStream(bytes: Uint8Array, { timebases }: MainHeader): StreamHeader {
  const body = new Body(bytes);
  body.number();
  if (body.number() !== 0) throw new RangeError("nut: the stream is not video");
  const fourcc = body.run();
  const timebase = timebases[body.number()];
  if (!timebase) throw new RangeError("nut: the stream names a time base that is not there");
  const ptsShift = body.varint();
  for (let skipped = 0; skipped < 3; skipped++) body.varint();
  body.run();
  const [num, den] = timebase;
  const width = body.number(), height = body.number(), sampleWidth = body.number(), sampleHeight = body.number();
  return { num, den, fourcc, width, height, sampleWidth, sampleHeight, ptsShift };
}

/** The time that a syncpoint sets, in the stream's units. */
export function parseSyncpoint(bytes: Uint8Array, { timebases }: MainHeader, { num, den }: StreamHeader): bigint {
  const coded = new Body(bytes).varint(), count = BigInt(timebases.length);
  const [n, d] = timebases[Number(coded % count)]!;
  return (coded / count) * n * den / (d * num);
}
