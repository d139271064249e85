/** A value in a pickle. Objects of classes are not created: only the name and the arguments of the class are kept. */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Pickled[]
  | Map<Pickled, Pickled>
  | PickledClass
  | PickledObject;

/** The name of a class or function. Nothing is imported or run. */
export class PickledClass {
  /** Module and name, joined by a point. */
  readonly name: string;

  /** Creates the name of a class. */
  constructor(name: string) {
    this.name = name;
  }
}

/** A call of a class or function, which is not run. */
export class PickledObject {
  /** Name of the class or function. */
  readonly made: string;
  /** Arguments of the call. */
  readonly args: readonly Pickled[];

  /** Creates a call. */
  constructor(made: string, args: readonly Pickled[]) {
    this.made = made;
    this.args = args;
  }
}

/** Marks the position on the stack where the items of a collection begin. */
const MARK = Symbol("mark");

/** Returns an object that is stored outside the pickle, from its persistent ID. */
export type LoadPersistent = (id: Pickled) => Pickled;

/**
 * Reads pickles of protocols 2 to 4, as far as files of tensors need them. It runs no code of a pickle:
 * dictionaries, lists and numbers are converted, and other objects become names with arguments.
 */
export class Unpickler {
  /** Offset of the next pickle. */
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #loadPersistent: LoadPersistent;
  #stack: (Pickled | typeof MARK)[] = [];
  #memo = new Map<number, Pickled>();

  /** Reads from `bytes`. */
  constructor(bytes: Uint8Array, loadPersistent: LoadPersistent) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#loadPersistent = loadPersistent;
  }

  /**
   * Reads the next pickle.
   *
   * @throws {RangeError} If it is truncated or has an unsupported operation.
   */
  read(): Pickled {
    this.#stack = [];
    this.#memo = new Map();
    for (;;) {
      const code = this.#byte();
      if (code === 0x2e) return this.#pop();
      this.#step(code);
    }
  }

  #byte(): number {
    return this.#take(1)[0]!;
  }

  #take(count: number): Uint8Array {
    if (this.at + count > this.#bytes.length) throw new RangeError("the pickle is truncated");
    return this.#bytes.subarray(this.at, this.at += count);
  }

  #number(bytes: 1 | 2 | 4): number {
    const at = this.at;
    this.#take(bytes);
    return bytes === 1
      ? this.#view.getUint8(at)
      : bytes === 2
      ? this.#view.getUint16(at, true)
      : this.#view.getUint32(at, true);
  }

  #text(count: number): string {
    return new TextDecoder().decode(this.#take(count));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.at), length = end < 0 ? Infinity : end - this.at;
    const text = this.#text(length);
    this.at++;
    return text;
  }

  /** Returns a signed little-endian number of any length. */
  #long(count: number): number | bigint {
    let value = 0n;
    for (const byte of this.#take(count).toReversed()) value = value << 8n | BigInt(byte);
    const signed = BigInt.asIntN(8 * count, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  #pop(): Pickled {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw new RangeError("the pickle is broken: a value is missing");
    return value;
  }

  #popToMark(): Pickled[] {
    const from = this.#stack.lastIndexOf(MARK);
    if (from < 0) throw new RangeError("the pickle is broken: a mark is missing");
    return this.#stack.splice(from).slice(1) as Pickled[];
  }

  #top(): Pickled {
    const value = this.#pop();
    this.#stack.push(value);
    return value;
  }

  #last(count: number): Pickled[] {
    return Array.from({ length: count }, () => this.#pop()).reverse();
  }

  #recall(key: number): Pickled {
    const value = this.#memo.get(key);
    if (value === undefined) throw new RangeError("the pickle is broken: it refers to a value that was not stored");
    return value;
  }

  #setItems(items: readonly Pickled[]): void {
    const target = this.#top();
    if (target instanceof Map) { for (let i = 0; i < items.length; i += 2) target.set(items[i]!, items[i + 1]!); }
  }

  #append(items: readonly Pickled[]): void {
    const target = this.#top();
    if (Array.isArray(target)) target.push(...items);
  }

  #call(): Pickled {
    const args = this.#pop(), made = this.#pop();
    const name = made instanceof PickledClass ? made.name : "";
    return name === "collections.OrderedDict" ? new Map() : new PickledObject(name, Array.isArray(args) ? args : []);
  }

  #step(code: number): void {
    const push = (value: Pickled) => void this.#stack.push(value);
    switch (code) {
      case 0x80: // PROTO
        return void this.#take(1);
      case 0x95: // FRAME
        return void this.#take(8);
      case 0x28: // MARK
        return void this.#stack.push(MARK);
      case 0x30: // POP
        return void this.#stack.pop();
      case 0x4e: // NONE
        return push(null);
      case 0x88: // NEWTRUE
        return push(true);
      case 0x89: // NEWFALSE
        return push(false);
      case 0x4b: // BININT1
        return push(this.#number(1));
      case 0x4d: // BININT2
        return push(this.#number(2));
      case 0x4a: // BININT
        return push(this.#number(4) | 0);
      case 0x8a: // LONG1
        return push(this.#long(this.#number(1)));
      case 0x47: // BINFLOAT
        return push(this.#view.getFloat64((this.#take(8), this.at - 8), false));
      case 0x58: // BINUNICODE
        return push(this.#text(this.#number(4)));
      case 0x8c: // SHORT_BINUNICODE
        return push(this.#text(this.#number(1)));
      case 0x54: // BINSTRING
      case 0x42: // BINBYTES
        return push(this.#take(this.#number(4)));
      case 0x55: // SHORT_BINSTRING
      case 0x43: // SHORT_BINBYTES
        return push(this.#take(this.#number(1)));
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        return push([]);
      case 0x7d: // EMPTY_DICT
        return push(new Map());
      case 0x74: // TUPLE
        return push(this.#popToMark());
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return push(this.#last(code - 0x84));
      case 0x61: // APPEND
        return this.#append([this.#pop()]);
      case 0x65: // APPENDS
        return this.#append(this.#popToMark());
      case 0x73: // SETITEM
        return this.#setItems(this.#last(2));
      case 0x75: // SETITEMS
        return this.#setItems(this.#popToMark());
      case 0x71: // BINPUT
        return void this.#memo.set(this.#number(1), this.#top());
      case 0x72: // LONG_BINPUT
        return void this.#memo.set(this.#number(4), this.#top());
      case 0x94: // MEMOIZE
        return void this.#memo.set(this.#memo.size, this.#top());
      case 0x68: // BINGET
        return push(this.#recall(this.#number(1)));
      case 0x6a: // LONG_BINGET
        return push(this.#recall(this.#number(4)));
      case 0x63: // GLOBAL
        return push(new PickledClass(`${this.#line()}.${this.#line()}`));
      case 0x93: // STACK_GLOBAL
        return push(new PickledClass(this.#last(2).join(".")));
      case 0x52: // REDUCE
      case 0x81: // NEWOBJ
        return push(this.#call());
      case 0x62: // BUILD: the state of an object, which is not needed.
        return void this.#pop();
      case 0x51: // BINPERSID
        return push(this.#loadPersistent(this.#pop()));
      default:
        throw new RangeError(`the pickle has the unsupported operation 0x${code.toString(16)}`);
    }
  }
}
