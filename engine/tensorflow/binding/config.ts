/** `tensorflow.ConfigProto`, the few fields of it that slomo sets, in protocol buffer's wire format. */

/** Where and how TensorFlow computes. */
export interface DeviceOptions {
  /** `cpu`, `gpu:N` (the N-th card), or by default the first card there is and else the processor. */
  readonly device?: string | undefined;
  /** Threads that share one op. @default {all cores} */
  readonly threads?: number | undefined;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 | 128);
  return [...bytes, value];
}

const number = (field: number, value: number): number[] => [field << 3, ...varint(value)];
const block = (
  field: number,
  bytes: readonly number[],
): number[] => [field << 3 | 2, ...varint(bytes.length), ...bytes];
const text = (field: number, value: string): number[] => block(field, [...new TextEncoder().encode(value)]);

const DEVICE_COUNT = 1, INTRA_OP_THREADS = 2, INTER_OP_THREADS = 5, GPU_OPTIONS = 6;
const KEY = 1, VALUE = 2, ALLOW_GROWTH = 4, VISIBLE_DEVICE_LIST = 5;

/**
 * The serialized ConfigProto of the options. Memory of a GPU is always taken as it is needed, so that slomo shares the
 * card; TensorFlow lets the environment variable `TF_FORCE_GPU_ALLOW_GROWTH` overrule that.
 */
export function configProto({ device, threads }: DeviceOptions): Uint8Array<ArrayBuffer> {
  const card = device?.match(/^gpu:(\d+)$/)?.[1];
  return Uint8Array.from([
    ...(device === "cpu" ? block(DEVICE_COUNT, [...text(KEY, "GPU"), ...number(VALUE, 0)]) : []),
    ...(threads === undefined ? [] : [...number(INTRA_OP_THREADS, threads), ...number(INTER_OP_THREADS, 1)]),
    ...block(GPU_OPTIONS, [...number(ALLOW_GROWTH, 1), ...(card === undefined ? [] : text(VISIBLE_DEVICE_LIST, card))]),
  ]);
}
