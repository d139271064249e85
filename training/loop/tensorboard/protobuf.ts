/** The few kinds of protobuf fields that event files need. Each function gives the bytes of one field. */

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes one after the other. */
export function concat(parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A number of 0 or more, 7 bits a byte. */
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

/** An integer of 0 or more. */
export function integerField(field: number, value: number): Bytes {
  return concat([key(field, 0), varint(value)]);
}

/** A double. */
export function doubleField(field: number, value: number): Bytes {
  return concat([key(field, 1), new Uint8Array(Float64Array.of(value).buffer)]);
}

/** A float. */
export function floatField(field: number, value: number): Bytes {
  return concat([key(field, 5), new Uint8Array(Float32Array.of(value).buffer)]);
}

/** Bytes, or a message. */
export function bytesField(field: number, ...parts: readonly Uint8Array[]): Bytes {
  const content = concat(parts);
  return concat([key(field, 2), varint(content.length), content]);
}

/** Text. */
export function textField(field: number, text: string): Bytes {
  return bytesField(field, new TextEncoder().encode(text));
}
