/** The parts of the NUT format, version 3, that raw video needs: start codes, flags, check sums. */

/** What every NUT file begins with. */
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
  /** Numerator of the seconds a unit of time. */
  readonly num: bigint;
  /** Denominator of the seconds a unit of time. */
  readonly den: bigint;
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Width of a pixel against `sampleHeight`; 0 where unknown. */
  readonly sampleWidth: number;
  /** Height of a pixel. */
  readonly sampleHeight: number;
  /** The pixel format's tag. */
  readonly fourcc: Uint8Array;
}

/** One picture. */
export interface NutFrame {
  /** Presentation time in the stream's units. */
  readonly pts: bigint;
  /** The samples, in a buffer of their own. */
  readonly data: Uint8Array<ArrayBuffer>;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

/** The check sum of packets: CRC-32 of generator 0x04C11DB7, not reflected, from 0. */
export function checksum(bytes: Iterable<number>): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) ^ TABLE[(crc >>> 24) ^ byte]!) >>> 0;
  return crc;
}

/** A number as NUT writes it: seven bits a byte, most significant first, all but the last with the high bit set. */
export function varint(value: bigint | number): number[] {
  let rest = BigInt(value);
  if (rest < 0n) throw new RangeError(`nut: a variable-length number must not be negative, got ${value}`);
  const bytes = [Number(rest & 127n)];
  while ((rest >>= 7n) > 0n) bytes.unshift(Number(rest & 127n) | 128);
  return bytes;
}

/** Four bytes, most significant first. */
export function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
