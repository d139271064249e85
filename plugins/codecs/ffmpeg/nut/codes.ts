/** The parts of the NUT format, version 3, that raw video needs: start codes, flags, checksums. */

/** First bytes of every NUT file. */
export const FILE_ID: Uint8Array<ArrayBuffer> = new TextEncoder().encode("nut/multimedia container\0");

/** Start codes of packets; each begins with the letter N. */
export const START = {
  main: 0x4e4d7a561f5f04adn,
  stream: 0x4e5311405bf2f9dbn,
  syncpoint: 0x4e4be4adeeca4569n,
  info: 0x4e49ab68b596ba78n,
} as const;

/** Flags of a frame. */
export const FLAG = {
  key: 1,
  endOfRelevance: 2,
  codedPts: 8,
  streamId: 16,
  sizeMsb: 32,
  checksum: 64,
  reserved: 128,
  sideData: 256,
  headerIndex: 1024,
  matchTime: 2048,
  coded: 4096,
} as const;

/** One raw video stream. */
export interface NutStream {
  /** Numerator of the time base. */
  readonly num: bigint;
  /** Denominator of the time base. */
  readonly den: bigint;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Width of a pixel, relative to `sampleHeight`; 0 if unknown. */
  readonly sampleWidth: number;
  /** Height of a pixel, relative to `sampleWidth`; 0 if unknown. */
  readonly sampleHeight: number;
  /** The pixel format's tag. */
  readonly fourcc: Uint8Array;
}

/** A raw frame. */
export interface NutFrame {
  /** Presentation timestamp in the time base of the stream. */
  readonly pts: bigint;
  /** The samples, in a separate buffer. */
  readonly data: Uint8Array<ArrayBuffer>;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

/** Returns the checksum of a packet: CRC-32 with polynomial 0x04C11DB7, not reflected, initial value 0. */
export function checksum(bytes: Iterable<number>): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) ^ TABLE[(crc >>> 24) ^ byte]!) >>> 0;
  return crc;
}

/** Encodes a variable-length number: seven bits per byte, most significant first, high bit set except in the last. */
export function varint(value: bigint | number): number[] {
  let rest = BigInt(value);
  if (rest < 0n) throw new RangeError(`nut: a variable-length number must not be negative, got ${value}`);
  const bytes = [Number(rest & 127n)];
  while ((rest >>= 7n) > 0n) bytes.unshift(Number(rest & 127n) | 128);
  return bytes;
}

/** Encodes a 32-bit number, most significant byte first. */
export function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
