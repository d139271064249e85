import { ByteReader } from "./byte_reader.ts";
import { FILE_ID, FLAG, type NutFrame, type NutStream, START } from "./codes.ts";
import {
  type FrameCode,
  type MainHeader,
  parseMain,
  parseStream,
  parseSyncpoint,
  type StreamHeader,
} from "./packets.ts";

/** Packets longer than this have a checksum of their header. */
const CHECKED_HEAD = 4096;

/** Reads a NUT file with one raw video stream, frame by frame, from a stream of chunks. */
export class NutReader {
  readonly #input: ByteReader;
  #main: MainHeader | undefined;
  #stream: StreamHeader | undefined;
  #last = 0n;

  /** Reads from `chunks`, on demand. */
  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#input = new ByteReader(chunks);
  }

  /** The stream's header; `undefined` before the first frame. */
  get stream(): NutStream | undefined {
    return this.#stream;
  }

  /**
   * Yields the frames in file order.
   *
   * @throws {TruncatedError} If the file ends inside a packet, after the complete frames.
   * @throws {RangeError} If it is not a NUT file of one raw video stream.
   */
  async *frames(): AsyncGenerator<NutFrame> {
    for (const expected of FILE_ID) {
      const byte = await this.#input.byte();
      if (byte < 0) return;
      if (byte !== expected) throw new RangeError("nut: the stream is not a NUT file");
    }
    for (;;) {
      const byte = await this.#input.byte();
      if (byte < 0) return;
      if (byte === 0x4e) {
        await this.#packet();
        continue;
      }
      const frame = await this.#frame(this.#main?.codes[byte]);
      if (frame) yield frame;
    }
  }

  async #packet(): Promise<void> {
    let code = 0x4en;
    for (const byte of await this.#input.bytes(7)) code = (code << 8n) | BigInt(byte);
    const length = Number(await this.#input.varint());
    if (length > CHECKED_HEAD) await this.#input.bytes(4);
    const body = (await this.#input.bytes(length)).subarray(0, -4);
    if (code === START.main) this.#main = parseMain(body);
    else if (code === START.stream && this.#main) this.#stream = parseStream(body, this.#main);
    else if (code === START.syncpoint && this.#main && this.#stream) {
      this.#last = parseSyncpoint(body, this.#main, this.#stream);
    }
  }

  async #frame(code: FrameCode | undefined): Promise<NutFrame | undefined> {
    if (!code || !this.#stream) throw new RangeError("nut: a frame comes before the headers");
    const input = this.#input;
    let { flags, headerIndex, reserved } = code;
    if (flags & FLAG.coded) flags ^= Number(await input.varint());
    if (flags & FLAG.streamId) await input.varint();
    const pts = flags & FLAG.codedPts ? this.#decodePts(await input.varint()) : this.#last + BigInt(code.ptsDelta);
    const msb = flags & FLAG.sizeMsb ? Number(await input.varint()) : 0;
    if (flags & FLAG.matchTime) await input.varint();
    if (flags & FLAG.headerIndex) headerIndex = Number(await input.varint());
    if (flags & FLAG.reserved) reserved = Number(await input.varint());
    for (; reserved > 0; reserved--) await input.varint();
    if (flags & FLAG.checksum) await input.bytes(4);
    if (flags & FLAG.sideData) throw new RangeError("nut: side data is not expected with raw video");
    this.#last = pts;
    if (flags & FLAG.endOfRelevance) return undefined;
    const size = code.sizeRemainder + code.sizeMultiplier * msb;
    return { pts, data: await this.#data(size, this.#main!.elided[headerIndex]!) };
  }

  /** Decodes a timestamp: a complete one, or the low bits of the one nearest to the previous. */
  #decodePts(coded: bigint): bigint {
    const unit = 1n << this.#stream!.ptsShift;
    if (coded >= unit) return coded - unit;
    const base = this.#last - (unit - 1n) / 2n;
    return ((coded - base) & (unit - 1n)) + base;
  }

  async #data(size: number, elided: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    if (elided.length === 0) return await this.#input.bytes(size);
    const data = new Uint8Array(size);
    data.set(elided);
    data.set(await this.#input.bytes(size - elided.length), elided.length);
    return data;
  }
}
