import { maskedCrc32c } from "./crc32c.ts";
import { bytesField, concat, doubleField, floatField, integerField, textField } from "./protobuf.ts";

/** A picture for TensorBoard. */
export interface EventPicture {
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** The bytes of a PNG file. */
  readonly png: Uint8Array;
}

/** When something was seen. */
export interface EventTime {
  /** Seconds since 1970. */
  readonly seconds: number;
  /** Steps made. */
  readonly step: number;
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

/** One record of a TFRecord file: length, its checksum, the bytes, theirs. */
function recordOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = littleEndian(bytes.length, 8);
  return concat([length, littleEndian(maskedCrc32c(length), 4), bytes, littleEndian(maskedCrc32c(bytes), 4)]);
}

function eventOf({ seconds, step }: EventTime, values: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const summary = bytesField(EVENT.summary, ...values.map((value) => bytesField(SUMMARY.value, value)));
  return recordOf(concat([doubleField(EVENT.wallTime, seconds), integerField(EVENT.step, step), summary]));
}

/** What an event file begins with. Its name must hold `tfevents`. */
export function eventFileStart(seconds: number): Uint8Array<ArrayBuffer> {
  return recordOf(concat([doubleField(EVENT.wallTime, seconds), textField(EVENT.fileVersion, "brain.Event:2")]));
}

/** Numbers by tag, to be appended to an event file. */
export function scalarsEvent(time: EventTime, values: Readonly<Record<string, number>>): Uint8Array<ArrayBuffer> {
  return eventOf(
    time,
    Object.entries(values).map(([tag, value]) =>
      concat([textField(VALUE.tag, tag), floatField(VALUE.simpleValue, value)])
    ),
  );
}

/** A picture, to be appended to an event file. */
export function pictureEvent(
  time: EventTime,
  tag: string,
  { width, height, png }: EventPicture,
): Uint8Array<ArrayBuffer> {
  const image = [
    integerField(IMAGE.height, height),
    integerField(IMAGE.width, width),
    integerField(IMAGE.colorspace, RGB),
    bytesField(IMAGE.encoded, png),
  ];
  return eventOf(time, [concat([textField(VALUE.tag, tag), bytesField(VALUE.image, ...image)])]);
}
