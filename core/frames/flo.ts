/** Middlebury's `.flo` files of optical flow, little-endian: 202021.25, width, height, then (dx, dy) row by row. */

/** Magic number, whose bytes are `PIEH`. */
const MAGIC = 202021.25;
const HEADER = 12;

/** An optical flow field. */
export interface Flow {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** (dx, dy) in pixels, row by row, `2 · width · height` values. */
  readonly values: Float32Array;
}

/**
 * Encodes a flow field as a `.flo` file.
 *
 * @throws {RangeError} If the number of values does not match the size.
 */
export function encodeFlo({ width, height, values }: Flow): Uint8Array<ArrayBuffer> {
  if (values.length !== 2 * width * height) {
    throw new RangeError(`flo: a flow of ${width}×${height} needs ${2 * width * height} values, got ${values.length}`);
  }
  const view = new DataView(new ArrayBuffer(HEADER + 4 * values.length));
  view.setFloat32(0, MAGIC, true);
  view.setInt32(4, width, true);
  view.setInt32(8, height, true);
  values.forEach((value, i) => view.setFloat32(HEADER + 4 * i, value, true));
  return new Uint8Array(view.buffer);
}

/**
 * Decodes a `.flo` file.
 *
 * @throws {RangeError} If the file has no magic number, or its length does not match its header.
 */
export function decodeFlo(bytes: Uint8Array): Flow {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER || view.getFloat32(0, true) !== MAGIC) {
    throw new RangeError(`flo: a file must begin with the number ${MAGIC}`);
  }
  const width = view.getInt32(4, true), height = view.getInt32(8, true);
  const expected = HEADER + 8 * width * height;
  if (width < 1 || height < 1 || bytes.length !== expected) {
    throw new RangeError(`flo: a file of ${width}×${height} must have ${expected} bytes, got ${bytes.length}`);
  }
  const values = Float32Array.from({ length: 2 * width * height }, (_, i) => view.getFloat32(HEADER + 4 * i, true));
  return { width, height, values };
}
