import { unzipSync } from "fflate";
import { JobError, UsageError } from "@slomo/core";
import type { NamedTensor } from "@slomo/core";
import { type Pickled, PickledClass, PickledObject, Unpickler } from "./pickle.ts";

/** First bytes of files of PyTorch before 1.6: the pickle of a magic number. */
const LEGACY = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** Number of pickles before that of the object in such a file: magic number, version, system. */
const LEGACY_PREFACE = 3;

const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** Tests whether bytes begin like a file of PyTorch before 1.6. */
export function isLegacyTorch(bytes: Uint8Array): boolean {
  return LEGACY.every((byte, i) => bytes[i] === byte);
}

/** Tests whether bytes begin like a zip file. */
export function isZip(bytes: Uint8Array): boolean {
  return ZIP.every((byte, i) => bytes[i] === byte);
}

/** Bytes of one number by PyTorch's name of the storage. */
const SIZES: Readonly<Record<string, number>> = {
  Float: 4,
  Half: 2,
  Double: 8,
  BFloat16: 2,
  Long: 8,
  Int: 4,
  Short: 2,
  Char: 1,
  Byte: 1,
  Bool: 1,
};

/** Decoders of floating-point numbers, by PyTorch's name of the storage. */
const DECODERS: Readonly<Record<string, (bytes: ArrayBuffer) => Float32Array>> = {
  Float: (bytes) => new Float32Array(bytes),
  Half: (bytes) => new Float32Array(new Float16Array(bytes)),
  Double: (bytes) => new Float32Array(new Float64Array(bytes)),
  BFloat16: (bytes) => new Float32Array(Uint32Array.from(new Uint16Array(bytes), (half) => half << 16).buffer),
};

/** A tensor of a PyTorch file, read on demand. */
export interface TorchTensor {
  /** Length of each axis. */
  readonly shape: readonly number[];
  /**
   * Returns the values, row by row.
   *
   * @throws {UsageError} If they are not floating-point numbers.
   * @throws {JobError} If the file is damaged.
   */
  read(): NamedTensor;
}

/** Content of a PyTorch file: dictionaries with text keys, and tensors. Other objects are omitted. */
export type TorchValue = ReadonlyMap<string, TorchValue> | TorchTensor;

/** The storage of a tensor's values. */
interface Storage {
  readonly type: string;
  readonly key: string;
}

function storageOf(id: Pickled): Storage | undefined {
  const [, type, key] = Array.isArray(id) ? id : [];
  const [, name] = type instanceof PickledClass ? /^torch\.(\w+)Storage$/.exec(type.name) ?? [] : [];
  return name !== undefined && typeof key === "string" ? { type: name, key } : undefined;
}

function strided(values: Float32Array, shape: readonly number[], strides: readonly number[]): Float32Array {
  const count = shape.reduce((product, length) => product * length, 1), out = new Float32Array(count);
  const place = shape.map(() => 0);
  for (let i = 0, from = 0; i < count; i++) {
    out[i] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
  return out;
}

const REBUILT = ["torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor"];

function tensorOf(
  { made, args }: PickledObject,
  bytesOf: (key: string) => Uint8Array,
  location: string,
): TorchTensor | undefined {
  if (made === "torch._utils._rebuild_parameter" && args[0] instanceof PickledObject) {
    return tensorOf(args[0], bytesOf, location);
  }
  const [stored, offset, shape, strides] = args as [PickledObject, number, number[], number[]];
  if (!REBUILT.includes(made) || !Array.isArray(shape)) return undefined;
  const [type, key] = stored.args as [string, string];
  return {
    shape,
    read() {
      const decode = DECODERS[type], size = SIZES[type];
      if (decode === undefined || size === undefined) {
        throw new UsageError(`${location}: a tensor has PyTorch's type ${type}, which slomo does not convert`, {
          code: "unsupported-model",
        });
      }
      const bytes = bytesOf(key), reach = shape.reduce((sum, n, i) => sum + (n - 1) * strides[i]!, 1);
      const end = (offset + reach) * size;
      if (bytes.length < end) {
        throw new JobError(`${location} is truncated: a tensor ends after its storage`, { code: "weights-damaged" });
      }
      const values = decode(bytes.slice(offset * size, end).buffer as ArrayBuffer);
      return { shape, values: strided(values, shape, strides) };
    },
  };
}

function valueOf(value: Pickled, bytesOf: (key: string) => Uint8Array, location: string): TorchValue | undefined {
  if (value instanceof PickledObject) return tensorOf(value, bytesOf, location);
  if (!(value instanceof Map)) return undefined;
  const entries: [string, TorchValue][] = [];
  for (const [key, item] of value) {
    const converted = valueOf(item, bytesOf, location);
    if (typeof key === "string" && converted) entries.push([key, converted]);
  }
  return new Map(entries);
}

const stored = (id: Pickled): Pickled => {
  const storage = storageOf(id);
  return storage ? new PickledObject("storage", [storage.type, storage.key]) : null;
};

function readLegacy(bytes: Uint8Array, location: string): TorchValue | undefined {
  const sizes = new Map<string, number>();
  const unpickler = new Unpickler(bytes, (id) => {
    const storage = storageOf(id);
    if (storage) sizes.set(storage.key, SIZES[storage.type] ?? NaN);
    return stored(id);
  });
  for (let i = 0; i < LEGACY_PREFACE; i++) unpickler.read();
  const value = unpickler.read(),
    keys = unpickler.read() as string[],
    places = new Map<string, readonly [number, number]>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = unpickler.at;
  for (const key of keys) {
    if (Number.isNaN(sizes.get(key))) {
      throw new UsageError(`${location} has numbers of a type that slomo does not convert`, {
        code: "unsupported-model",
      });
    }
    const begin = at + 8, end = begin + Number(view.getBigInt64(at, true)) * (sizes.get(key) ?? 0);
    places.set(key, [begin, end]);
    at = end;
  }
  return valueOf(value, (key) => bytes.subarray(...(places.get(key) ?? [0, 0])), location);
}

function readZip(bytes: Uint8Array, location: string): TorchValue | undefined {
  const entry = (ending: string) => {
    const files = unzipSync(bytes, { filter: ({ name }) => `/${name}`.endsWith(`/${ending}`) });
    return Object.values(files)[0];
  };
  const order = entry("byteorder");
  if (order && new TextDecoder().decode(order).trim() !== "little") {
    throw new UsageError(`${location} was written on a big-endian machine, which cannot be converted`, {
      code: "unsupported-model",
    });
  }
  const data = entry("data.pkl");
  if (data === undefined) {
    throw new UsageError(`${location} is a zip file without data.pkl, which is not PyTorch's`, {
      code: "unsupported-model",
    });
  }
  return valueOf(new Unpickler(data, stored).read(), (key) => entry(`data/${key}`) ?? new Uint8Array(), location);
}

/**
 * Reads the dictionaries and tensors of a file that `torch.save` wrote, in the old or the new format. It runs no code of the file.
 *
 * @param location Name of the file, for errors.
 * @throws {UsageError} If it cannot be converted.
 * @throws {JobError} If it is truncated or damaged.
 */
export function readTorchFile(bytes: Uint8Array, location: string): ReadonlyMap<string, TorchValue> {
  let value: TorchValue | undefined;
  try {
    value = isZip(bytes) ? readZip(bytes, location) : readLegacy(bytes, location);
  } catch (error) {
    if (error instanceof UsageError || error instanceof JobError) throw error;
    throw new JobError(`${location} is truncated or damaged: ${error instanceof Error ? error.message : error}`, {
      code: "weights-damaged",
    });
  }
  if (value instanceof Map) return value;
  throw new UsageError(`${location} has no dictionary of tensors; save a model's state_dict`, {
    code: "unsupported-model",
  });
}
