/** Event files of TensorBoard: TFRecord files of `tensorflow.Event` messages. */

/** An image for TensorBoard. */
export interface EventImage {
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** The bytes of a PNG file. */
  readonly png: Uint8Array;
}

/** Time of an event. */
export interface EventTime {
  /** Seconds since 1970. */
  readonly seconds: number;
  /** Steps done. */
  readonly step: number;
}

/** CRC-32C of every byte, by the reversed polynomial. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** Returns the checksum of TFRecord files: CRC-32C, masked so that a checksum over data with checksums stays strong. */
export function maskedCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff]!;
  crc = (crc ^ 0xffffffff) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Concatenates bytes. */
function concat(parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Encodes an integer of 0 or more, 7 bits per byte. */
function varint(value: number): Bytes {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push(rest % 128 + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.of(...bytes, rest);
}

const key = (field: number, wire: number) => varint(field * 8 + wire);

/** Encodes a protobuf field: an integer of 0 or more. */
function integerField(field: number, value: number): Bytes {
  return concat([key(field, 0), varint(value)]);
}

/** Encodes a protobuf field: a double. */
function doubleField(field: number, value: number): Bytes {
  return concat([key(field, 1), new Uint8Array(Float64Array.of(value).buffer)]);
}

/** Encodes a protobuf field: a float. */
function floatField(field: number, value: number): Bytes {
  return concat([key(field, 5), new Uint8Array(Float32Array.of(value).buffer)]);
}

/** Encodes a protobuf field: bytes or a message. */
function bytesField(field: number, ...parts: readonly Uint8Array[]): Bytes {
  const content = concat(parts);
  return concat([key(field, 2), varint(content.length), content]);
}

/** Encodes a protobuf field: text. */
function textField(field: number, text: string): Bytes {
  return bytesField(field, new TextEncoder().encode(text));
}

/** Field numbers of `tensorflow.Event`, `Summary`, `Summary.Value` and `Summary.Image`. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2, image: 4 } as const;
const IMAGE = { height: 1, width: 2, colorspace: 3, encoded: 4 } as const;
const RGB = 3;

function littleEndian(value: number, bytes: 4 | 8): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes));
  view.setUint32(0, value, true);
  return new Uint8Array(view.buffer);
}

/** Encodes a record of a TFRecord file: length, checksum of the length, content, checksum of the content. */
function recordOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = littleEndian(bytes.length, 8);
  return concat([length, littleEndian(maskedCrc32c(length), 4), bytes, littleEndian(maskedCrc32c(bytes), 4)]);
}

function eventOf({ seconds, step }: EventTime, values: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const summary = bytesField(EVENT.summary, ...values.map((value) => bytesField(SUMMARY.value, value)));
  return recordOf(concat([doubleField(EVENT.wallTime, seconds), integerField(EVENT.step, step), summary]));
}

/** Returns the first record of an event file. The name of the file must contain `tfevents`. */
export function eventFileStart(seconds: number): Uint8Array<ArrayBuffer> {
  return recordOf(concat([doubleField(EVENT.wallTime, seconds), textField(EVENT.fileVersion, "brain.Event:2")]));
}

/** Returns a record of scalars by tag, to append to an event file. */
export function scalarsEvent(time: EventTime, values: Readonly<Record<string, number>>): Uint8Array<ArrayBuffer> {
  return eventOf(
    time,
    Object.entries(values).map(([tag, value]) =>
      concat([textField(VALUE.tag, tag), floatField(VALUE.simpleValue, value)])
    ),
  );
}

/** Returns a record of an image, to append to an event file. */
export function imageEvent(
  time: EventTime,
  tag: string,
  { width, height, png }: EventImage,
): Uint8Array<ArrayBuffer> {
  const image = [
    integerField(IMAGE.height, height),
    integerField(IMAGE.width, width),
    integerField(IMAGE.colorspace, RGB),
    bytesField(IMAGE.encoded, png),
  ];
  return eventOf(time, [concat([textField(VALUE.tag, tag), bytesField(VALUE.image, ...image)])]);
}
