import { checksum, FILE_ID, FLAG, type NutStream, START, uint32, varint } from "./codes.ts";

/** Takes bytes; resolves when it can take more. */
export type WriteBytes = (bytes: Uint8Array<ArrayBuffer>) => Promise<void>;

/** What {@linkcode NutWriter} writes beside the pictures. */
export interface NutHeader extends NutStream {
  /** Frames a second, `num/den`, where it is constant; readers then take it for the rate instead of guessing. */
  readonly rate?: string | undefined;
}

/** Writes a NUT file of one raw video stream; each picture carries its whole timestamp. */
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

  /** Writes the headers; comes first. */
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
   * Writes a picture given in pieces.
   *
   * @param pts Timestamp in the header's units, 0 or more, above the one before.
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

/** A packet shorter than 4096 bytes, with its start code, length and check sum. */
function packet(startCode: bigint, body: readonly number[]): number[] {
  const code = [...uint32(Number(startCode >> 32n)), ...uint32(Number(startCode & 0xffffffffn))];
  return [...code, ...varint(body.length + 4), ...body, ...uint32(checksum(body))];
}

/** The info packet that tells the first stream's rate: one field, whose value is a text (type −1, coded as 2). */
function rateInfo(rate: string): number[] {
  const text = (value: string) => [...varint(value.length), ...new TextEncoder().encode(value)];
  return [...varint(1), 0, ...varint(0), ...varint(0), ...varint(1), ...text("r_frame_rate"), 2, ...text(rate)];
}
