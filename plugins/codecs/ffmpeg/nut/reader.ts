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

/** Packets longer than this carry a check sum of their head. */
const CHECKED_HEAD = 4096;

/** Reads the one raw video stream of a NUT file, picture by picture, as chunks come. */
export class NutReader {
  readonly #input: ByteReader;
  #main: MainHeader | undefined;
  #stream: StreamHeader | undefined;
  #last = 0n;

  /** Reads from `chunks`, on demand. */
  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#input = new ByteReader(chunks);
  }

  /** The stream's header; `undefined` until the first frame has come. */
  get stream(): NutStream | undefined {
    return this.#stream;
  }

  /**
   * The pictures in the order of the file.
   *
   * @throws {TruncatedError} If the file ends inside a packet or picture; the whole ones have been given.
   * @throws {RangeError} If it is not a NUT file of one raw video stream.
   */
  async *frames(): AsyncGenerator<NutFrame> {
    for (const expected of FILE_ID) {
      const byte = await this.#input.byte();
      if (byte < 0) return;
      if (byte !== expected) throw new RangeError("nut: the stream does not begin as a NUT file does");
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
    if (!code || !this.#stream) throw new RangeError("nut: a picture comes before the headers");
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
    return { pts, data: await this.#picture(size, this.#main!.elided[headerIndex]!) };
  }

  /** A timestamp is whole, or only its low bits, nearest to the last one. */
  #decodePts(coded: bigint): bigint {
    const unit = 1n << this.#stream!.ptsShift;
    if (coded >= unit) return coded - unit;
    const base = this.#last - (unit - 1n) / 2n;
    return ((coded - base) & (unit - 1n)) + base;
  }

  async #picture(size: number, elided: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    if (elided.length === 0) return await this.#input.bytes(size);
    const data = new Uint8Array(size);
    data.set(elided);
    data.set(await this.#input.bytes(size - elided.length), elided.length);
    return data;
  }
}
