/** Numbers of TensorFlow's C headers, under the names that tfjs-node's kernels look for on their binding. */

/** `TF_DataType`: the element types that tfjs and slomo's own kernels use. */
export const DATA_TYPES = {
  TF_FLOAT: 1,
  TF_INT32: 3,
  TF_UINT8: 4,
  TF_STRING: 7,
  TF_COMPLEX64: 8,
  TF_INT64: 9,
  TF_BOOL: 10,
  TF_BFLOAT16: 14,
  TF_RESOURCE: 20,
} as const;

/** `TF_AttrType`: the kinds of attribute an op takes. */
export const ATTRIBUTE_TYPES = {
  TF_ATTR_STRING: 0,
  TF_ATTR_INT: 1,
  TF_ATTR_FLOAT: 2,
  TF_ATTR_BOOL: 3,
  TF_ATTR_TYPE: 4,
  TF_ATTR_SHAPE: 5,
} as const;

/** `TF_Code` of a failure for want of memory. */
export const RESOURCE_EXHAUSTED = 8;

/** What a numeric tensor's values are held in. */
export type NumericArray = Float32Array | Int32Array | Uint8Array | Uint16Array | BigInt64Array;

interface NumericArrayType {
  new (buffer: ArrayBuffer): NumericArray;
  readonly BYTES_PER_ELEMENT: number;
}

const { TF_FLOAT, TF_INT32, TF_UINT8, TF_COMPLEX64, TF_INT64, TF_BOOL, TF_BFLOAT16, TF_RESOURCE } = DATA_TYPES;

/** The array of each element type: complex64 is pairs of floats, bfloat16 raw bits, a resource opaque bytes. */
export const ARRAYS: ReadonlyMap<number, NumericArrayType> = new Map<number, NumericArrayType>([
  [TF_FLOAT, Float32Array],
  [TF_INT32, Int32Array],
  [TF_UINT8, Uint8Array],
  [TF_COMPLEX64, Float32Array],
  [TF_INT64, BigInt64Array],
  [TF_BOOL, Uint8Array],
  [TF_BFLOAT16, Uint16Array],
  [TF_RESOURCE, Uint8Array],
]);

/** Bytes of one element of a type in {@linkcode ARRAYS}. */
export function elementBytes(type: number): number {
  const array = ARRAYS.get(type);
  if (array === undefined) throw new TypeError(`tensorflow: data type ${type} has no JavaScript form`);
  return type === TF_COMPLEX64 ? 8 : array.BYTES_PER_ELEMENT;
}
