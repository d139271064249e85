/** What a pickle held. An object of a class is not made: only its name, its arguments and its state are kept. */
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

/** A class or function by name. Nothing is looked up, imported or run. */
export class PickledClass {
  /** Module and name with a point between. */
  readonly name: string;

  /** Names a class. */
  constructor(name: string) {
    this.name = name;
  }
}

/** What a class or function was called with. */
export class PickledObject {
  /** Name of what was called. */
  readonly made: string;
  /** With what. */
  readonly args: readonly Pickled[];

  /** Keeps a call. */
  constructor(made: string, args: readonly Pickled[]) {
    this.made = made;
    this.args = args;
  }
}

/** Marks where the items of a collection begin on the stack. */
const MARK = Symbol("mark");

/** How objects that are stored outside the pickle are found, by what the pickle says of them. */
export type LoadPersistent = (id: Pickled) => Pickled;

/**
 * Reads pickles of protocols 2 to 4 as far as files of numbers need them. It runs nothing that a pickle asks to be run:
 * dictionaries, lists and numbers become such, everything else stays a name with arguments.
 */
export class Unpickler {
  /** Where the next pickle begins. */
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
   * @throws {RangeError} If it ends early or is of a kind that is not read.
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
    if (this.at + count > this.#bytes.length) throw new RangeError("the pickle ends early");
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

  /** A signed number of any length, little endian. */
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
    if (value === undefined) throw new RangeError("the pickle is broken: it recalls what it never held");
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
      case 0x62: // BUILD: the state of an object, which nobody needs.
        return void this.#pop();
      case 0x51: // BINPERSID
        return push(this.#loadPersistent(this.#pop()));
      default:
        throw new RangeError(`the pickle has an operation 0x${code.toString(16)} that is not read`);
    }
  }
}
