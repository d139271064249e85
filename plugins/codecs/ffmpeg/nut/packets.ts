import type { NutStream } from "./codes.ts";

/** Meaning of a frame code, from the table of the main header. */
export interface FrameCode {
  /** Flags of `FLAG`. */
  readonly flags: number;
  /** Difference to the previous timestamp. */
  readonly ptsDelta: number;
  /** Multiplier of the coded part of the size. */
  readonly sizeMultiplier: number;
  /** Constant part of the size. */
  readonly sizeRemainder: number;
  /** Number of reserved values that follow. */
  readonly reserved: number;
  /** Index of the elided header that the frame begins with. */
  readonly headerIndex: number;
}

/** The main header. */
export interface MainHeader {
  /** Time bases: numerator and denominator. */
  readonly timebases: readonly (readonly [bigint, bigint])[];
  /** One entry per frame code; none for the letter N, which begins a packet. */
  readonly codes: readonly (FrameCode | undefined)[];
  /** Elided headers: bytes that frames may omit at their beginning. The first is empty. */
  readonly elided: readonly Uint8Array[];
}

/** A stream header. */
export interface StreamHeader extends NutStream {
  /** Number of low bits that are stored if the upper bits equal those of the previous timestamp. */
  readonly ptsShift: bigint;
}

/** Reads values from the body of a packet. */
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

/** Parses the body of the main header. */
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
    for (let added = 0; added < count && codes.length < 256;) {
      if (codes.length === 0x4e) {
        codes.push(undefined);
        continue;
      }
      codes.push({ flags, ptsDelta, sizeMultiplier, sizeRemainder: remainder + added++, reserved, headerIndex });
    }
  }
  const elided = [new Uint8Array(0), ...Array.from({ length: body.number() }, () => body.run())];
  return { timebases, codes, elided };
}

/** Parses the body of a stream header. */
export function parseStream(bytes: Uint8Array, { timebases }: MainHeader): StreamHeader {
  const body = new Body(bytes);
  body.number();
  if (body.number() !== 0) throw new RangeError("nut: the stream is not video");
  const fourcc = body.run();
  const timebase = timebases[body.number()];
  if (!timebase) throw new RangeError("nut: the stream has an unknown time base");
  const ptsShift = body.varint();
  for (let skipped = 0; skipped < 3; skipped++) body.varint();
  body.run();
  const [num, den] = timebase;
  const width = body.number(), height = body.number(), sampleWidth = body.number(), sampleHeight = body.number();
  return { num, den, fourcc, width, height, sampleWidth, sampleHeight, ptsShift };
}

/** Returns the timestamp of a syncpoint in the time base of the stream. */
export function parseSyncpoint(bytes: Uint8Array, { timebases }: MainHeader, { num, den }: StreamHeader): bigint {
  const coded = new Body(bytes).varint(), count = BigInt(timebases.length);
  const [n, d] = timebases[Number(coded % count)]!;
  return (coded / count) * n * den / (d * num);
}
