import { checksum, FILE_ID, FLAG, type NutStream, START, uint32, varint } from "./codes.ts";

/** Writes bytes; resolves when it can accept more. */
export type WriteBytes = (bytes: Uint8Array<ArrayBuffer>) => Promise<void>;

/** Header of the file that {@linkcode NutWriter} writes. */
export interface NutHeader extends NutStream {
  /** Frame rate `num/den` if it is constant. Without it, readers guess. */
  readonly rate?: string | undefined;
}

/** Writes a NUT file with one raw video stream and a complete timestamp per frame. */
export class NutWriter {
  readonly #write: WriteBytes;
  readonly #header: NutHeader;
  #position = 0;
  #lastSyncpoint = 0;

  /** Writes to `write`, in order. */
  constructor(write: WriteBytes, header: NutHeader) {
    this.#write = write;
    this.#header = header;
  }

  /** Writes the headers. Call it first. */
  async start(): Promise<void> {
    const { num, den, fourcc, width, height, sampleWidth, sampleHeight, rate } = this.#header;
    await this.#put(FILE_ID);
    // Version 3, one stream, syncpoints at most 65536 bytes apart, one time base; then one row for all 255 frame codes:
    // everything coded in the frame itself.
    const row = [...varint(FLAG.coded), 6, 0, 1, 0, 0, 0, ...varint(255)];
    await this.#packet(START.main, [3, 1, ...varint(65536), 1, ...varint(num), ...varint(den), ...row, 0]);
    // Stream 0, class 0 (video), tag, time base 0, no low-bit timestamps, longest gap, no reordering, no flags, no extra data.
    const timing = [0, 0, ...varint(1n << 30n), 0, 0, 0];
    const size = [...varint(width), ...varint(height), ...varint(sampleWidth), ...varint(sampleHeight), 0];
    await this.#packet(START.stream, [0, 0, ...varint(fourcc.length), ...fourcc, ...timing, ...size]);
    if (rate) await this.#packet(START.info, rateInfo(rate));
  }

  /**
   * Writes a frame, given as pieces of data.
   *
   * @param pts Timestamp in the time base of the header, at least 0, above the previous one.
   */
  async frame(pts: bigint, pieces: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    const at = this.#position;
    const back = this.#lastSyncpoint === 0 ? 0 : (at - this.#lastSyncpoint) >> 4;
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const flags = FLAG.key | FLAG.codedPts | FLAG.sizeMsb | FLAG.checksum;
    const head = [0, ...varint(flags), ...varint(pts + 1n), ...varint(size)];
    await this.#put(Uint8Array.from([
      ...packet(START.syncpoint, [...varint(pts), ...varint(back)]),
      ...head,
      ...uint32(checksum(head)),
    ]));
    this.#lastSyncpoint = at;
    for (const piece of pieces) await this.#put(piece);
  }

  async #packet(startCode: bigint, body: readonly number[]): Promise<void> {
    await this.#put(Uint8Array.from(packet(startCode, body)));
  }

  async #put(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#position += bytes.length;
    await this.#write(bytes);
  }
}

/** Encodes a packet of less than 4096 bytes, with start code, length and checksum. */
function packet(startCode: bigint, body: readonly number[]): number[] {
  const code = [...uint32(Number(startCode >> 32n)), ...uint32(Number(startCode & 0xffffffffn))];
  return [...code, ...varint(body.length + 4), ...body, ...uint32(checksum(body))];
}

/** Encodes the info packet with the frame rate of the first stream: one field of type text (−1, coded as 2). */
function rateInfo(rate: string): number[] {
  const text = (value: string) => [...varint(value.length), ...new TextEncoder().encode(value)];
  return [...varint(1), 0, ...varint(0), ...varint(0), ...varint(1), ...text("r_frame_rate"), 2, ...text(rate)];
}
