import { ATTRIBUTE_TYPES } from "./constants.ts";
import { type Bytes, cString, type Native, type Pointer } from "./native.ts";

/** A value that an attribute of an op can take. */
export type AttributeValue = string | number | boolean | readonly string[] | readonly number[];

/** An attribute of an op, as tfjs-node's kernels write it. */
export interface Attribute {
  /** Name in TensorFlow's op registry. */
  readonly name: string;
  /** One of `ATTRIBUTE_TYPES`. */
  readonly type: number;
  /** A value of that type, or a list of them where the op takes a list; a shape is a list of sizes. */
  readonly value: AttributeValue;
}

const { TF_ATTR_STRING, TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_BOOL, TF_ATTR_TYPE, TF_ATTR_SHAPE } = ATTRIBUTE_TYPES;
const encoder = new TextEncoder();

function wrong({ name, type, value }: Attribute): TypeError {
  return new TypeError(`tensorflow: attribute ${name} of type ${type} cannot be ${JSON.stringify(value)}`);
}

const isNumbers = (list: readonly unknown[]): list is readonly number[] => list.every((v) => typeof v === "number");
const isStrings = (list: readonly unknown[]): list is readonly string[] => list.every((v) => typeof v === "string");

/** Sets the attributes of ops. Holds what native code reads during a call. */
export class AttributeWriter {
  readonly #native: Native;
  readonly #text: Bytes = new Uint8Array(new ArrayBuffer(256));
  /** Strings whose addresses are in a table that a call reads. */
  #held: readonly Bytes[] = [];

  constructor(native: Native) {
    this.#native = native;
  }

  /** Sets one attribute. Throws TypeError for a value that is not of the attribute's type. */
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
    // tfjs-node's kernels give some flags as numbers.
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
    const held = list.map((text) => encoder.encode(`${text}\0`));
    this.#held = held;
    const addresses = BigUint64Array.from(held, (bytes) => this.#native.addressOf(bytes));
    const lengths = BigUint64Array.from(held, (bytes) => BigInt(bytes.length - 1));
    this.#native.call.TFE_OpSetAttrStringList(op, key, addresses, lengths, held.length);
    this.#held = [];
  }
}

const integers = (list: readonly number[]): BigInt64Array<ArrayBuffer> =>
  BigInt64Array.from(list, (value) => BigInt(Math.trunc(value)));
