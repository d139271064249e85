/** `TF_DataType`: the data types that tfjs and the kernels of this package use, under the names that tfjs-node expects. */
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

/** `TF_AttrType`: the types of attributes of ops. */
export const ATTRIBUTE_TYPES = {
  TF_ATTR_STRING: 0,
  TF_ATTR_INT: 1,
  TF_ATTR_FLOAT: 2,
  TF_ATTR_BOOL: 3,
  TF_ATTR_TYPE: 4,
  TF_ATTR_SHAPE: 5,
} as const;

/** `TF_Code` for insufficient memory. */
export const RESOURCE_EXHAUSTED = 8;

/** An array for the values of a numeric tensor. */
export type NumericArray = Float32Array | Int32Array | Uint8Array | Uint16Array | BigInt64Array;

interface NumericArrayType {
  new (buffer: ArrayBuffer): NumericArray;
  readonly BYTES_PER_ELEMENT: number;
}

const { TF_FLOAT, TF_INT32, TF_UINT8, TF_COMPLEX64, TF_INT64, TF_BOOL, TF_BFLOAT16, TF_RESOURCE } = DATA_TYPES;

/** The array class of each data type: complex64 are pairs of floats, bfloat16 are raw bits, resources are opaque bytes. */
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

/** Returns the bytes per element of a data type in {@linkcode ARRAYS}. */
export function elementBytes(type: number): number {
  const array = ARRAYS.get(type);
  if (array === undefined) throw new TypeError(`tensorflow: data type ${type} has no JavaScript array`);
  return type === TF_COMPLEX64 ? 8 : array.BYTES_PER_ELEMENT;
}
