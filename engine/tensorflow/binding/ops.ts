import { JobError } from "@slomo/core";
import { ATTRIBUTE_TYPES, RESOURCE_EXHAUSTED } from "./constants.ts";
import type { Context, Device } from "./context.ts";
import { type Bytes, cString, type Native, type Pointer, TensorflowError } from "./native.ts";

/** A value that an attribute of an op can take. */
export type AttributeValue = string | number | boolean | readonly string[] | readonly number[];

/** An attribute of an op, in the form that tfjs-node's kernels use. */
export interface Attribute {
  /** Name in TensorFlow's op registry. */
  readonly name: string;
  /** One of `ATTRIBUTE_TYPES`. */
  readonly type: number;
  /** A value of that type, or a list of values; a shape is a list of sizes. */
  readonly value: AttributeValue;
}

const { TF_ATTR_STRING, TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_BOOL, TF_ATTR_TYPE, TF_ATTR_SHAPE } = ATTRIBUTE_TYPES;
const encoder = new TextEncoder();

function wrong({ name, type, value }: Attribute): TypeError {
  return new TypeError(`tensorflow: attribute ${name} of type ${type} cannot be ${JSON.stringify(value)}`);
}

const isNumbers = (list: readonly unknown[]): list is readonly number[] => list.every((v) => typeof v === "number");
const isStrings = (list: readonly unknown[]): list is readonly string[] => list.every((v) => typeof v === "string");

/** Sets the attributes of ops, and keeps the memory alive that native code reads during a call. */
class AttributeWriter {
  readonly #native: Native;
  readonly #text: Bytes = new Uint8Array(new ArrayBuffer(256));
  /** Strings whose addresses a call reads from a table. */
  #strings: readonly Bytes[] = [];

  constructor(native: Native) {
    this.#native = native;
  }

  /**
   * Sets one attribute.
   *
   * @throws {TypeError} If the value does not have the type of the attribute.
   */
  set(op: Pointer, attribute: Attribute): void {
    const key = cString(attribute.name);
    if (Array.isArray(attribute.value)) this.#setList(op, key, attribute, attribute.value);
    else this.#setOne(op, key, attribute);
  }

  #setOne(op: Pointer, key: Bytes, attribute: Attribute): void {
    const { call } = this.#native, { type, value } = attribute;
    if (typeof value === "string" && type === TF_ATTR_STRING) {
      let bytes = this.#text, length = 0;
      if (value.length * 3 <= bytes.length) length = encoder.encodeInto(value, bytes).written;
      else length = (bytes = encoder.encode(value)).length;
      return call.TFE_OpSetAttrString(op, key, bytes, BigInt(length));
    }
    // tfjs-node's kernels pass some flags as numbers.
    if (type === TF_ATTR_BOOL) return call.TFE_OpSetAttrBool(op, key, value ? 1 : 0);
    if (typeof value !== "number") throw wrong(attribute);
    if (type === TF_ATTR_INT) return call.TFE_OpSetAttrInt(op, key, BigInt(Math.trunc(value)));
    if (type === TF_ATTR_FLOAT) return call.TFE_OpSetAttrFloat(op, key, value);
    if (type === TF_ATTR_TYPE) return call.TFE_OpSetAttrType(op, key, value);
    throw wrong(attribute);
  }

  #setList(op: Pointer, key: Bytes, attribute: Attribute, list: readonly unknown[]): void {
    const { call, status } = this.#native, { type } = attribute;
    if (isStrings(list) && type === TF_ATTR_STRING) return this.#setStrings(op, key, list);
    if (!isNumbers(list)) throw wrong(attribute);
    if (type === TF_ATTR_INT) return call.TFE_OpSetAttrIntList(op, key, integers(list), list.length);
    if (type === TF_ATTR_FLOAT) return call.TFE_OpSetAttrFloatList(op, key, Float32Array.from(list), list.length);
    if (type === TF_ATTR_TYPE) return call.TFE_OpSetAttrTypeList(op, key, Int32Array.from(list), list.length);
    if (type !== TF_ATTR_SHAPE) throw wrong(attribute);
    call.TFE_OpSetAttrShape(op, key, integers(list), list.length, status);
    this.#native.check("TFE_OpSetAttrShape");
  }

  #setStrings(op: Pointer, key: Bytes, list: readonly string[]): void {
    const strings = list.map((text) => encoder.encode(`${text}\0`));
    this.#strings = strings;
    const addresses = BigUint64Array.from(strings, (bytes) => this.#native.addressOf(bytes));
    const lengths = BigUint64Array.from(strings, (bytes) => BigInt(bytes.length - 1));
    this.#native.call.TFE_OpSetAttrStringList(op, key, addresses, lengths, strings.length);
    this.#strings = [];
  }
}

const integers = (list: readonly number[]): BigInt64Array<ArrayBuffer> =>
  BigInt64Array.from(list, (value) => BigInt(Math.trunc(value)));

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MB`;

/**
 * Returns the message for a tensor that does not fit into memory. TensorFlow reports its shape: for a batch of images
 * [N, H, W, C] the message suggests half the batch, and for a single image smaller tiles.
 */
function outOfMemory(error: TensorflowError, device: Device): string {
  const shape = error.message.match(/shape ?\[([\d,]+)\]/)?.[1]?.split(",").map(Number);
  const memory = device.type === "CPU" ? "memory" : `memory of ${device.name.replace(/.*device:/, "")}`;
  const total = device.type === "CPU" ? "" : ` (${megabytes(device.memory)})`;
  const wanted = shape === undefined ? "a tensor" : `a tensor of shape [${shape.join(", ")}]`;
  const batch = shape?.length === 4 ? shape[0] ?? 1 : 1;
  const advice = batch > 1
    ? `use a batch of ${Math.floor(batch / 2)} instead of ${batch}, or smaller tiles`
    : "use tiles of half the size, or another device";
  return `tensorflow: ${error.op} cannot allocate ${wanted}: the ${memory}${total} is full; ${advice}`;
}

const MAX_OUTPUTS = 64;

/** Runs ops one by one in an eager context. */
export class OpRunner {
  readonly #native: Native;
  readonly #context: Context;
  readonly #attributes: AttributeWriter;
  readonly #outputs = new BigUint64Array(new ArrayBuffer(8 * MAX_OUTPUTS));
  readonly #count = new Int32Array(new ArrayBuffer(4));

  constructor(native: Native, context: Context) {
    this.#native = native;
    this.#context = context;
    this.#attributes = new AttributeWriter(native);
  }

  /**
   * Runs the op `name` and returns handles of its outputs, at most `outputs`, which the caller frees.
   *
   * @throws {JobError} If there is not enough memory.
   * @throws {TensorflowError} If the op fails for another reason.
   */
  run(name: string, attributes: readonly Attribute[], inputs: readonly Pointer[], outputs: number): Pointer[] {
    const native = this.#native, { call, status } = native;
    if (outputs > MAX_OUTPUTS) throw new RangeError(`tensorflow: at most ${MAX_OUTPUTS} outputs, got ${outputs}`);
    const op = native.created(call.TFE_NewOp(this.#context.pointer, cString(name), status), name);
    try {
      for (const input of inputs) {
        call.TFE_OpAddInput(op, input, status);
        native.check(name);
      }
      for (const attribute of attributes) this.#attributes.set(op, attribute);
      this.#count[0] = outputs;
      call.TFE_Execute(op, this.#outputs, this.#count, status);
      native.check(name);
      const results: Pointer[] = [];
      for (const address of this.#outputs.subarray(0, this.#count[0])) results.push(native.pointer(address));
      return results;
    } catch (error) {
      if (error instanceof TensorflowError && error.code === RESOURCE_EXHAUSTED) {
        throw new JobError(outOfMemory(error, this.#context.device), { code: "out-of-memory", cause: error });
      }
      throw error;
    } finally {
      call.TFE_DeleteOp(op);
    }
  }
}
