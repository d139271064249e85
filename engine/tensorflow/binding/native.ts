import type { Symbols } from "./symbols.ts";
import { TensorflowError } from "./errors.ts";

/** A pointer into native memory, never null. */
export type Pointer = Deno.PointerObject;
/** JavaScript memory that native code may read or write during a call. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder(), decoder = new TextDecoder();
const names = new Map<string, Bytes>();

/**
 * A zero-terminated copy of a name, made once and never freed: libtensorflow may keep the pointer to the name of an op
 * or attribute. Only for the few names there are, not for values.
 */
export function cString(text: string): Bytes {
  let bytes = names.get(text);
  if (bytes === undefined) names.set(text, bytes = encoder.encode(`${text}\0`));
  return bytes;
}

/**
 * The library's functions with what every call needs: a status, and conversions between pointers, addresses and text.
 *
 * An address taken as a number roots nothing. Whoever passes one on holds the buffer it came from until the call has
 * returned, and takes that buffer from `new ArrayBuffer`, whose memory does not move.
 */
export class Native {
  /** The library's functions. */
  readonly call: Symbols;
  /** The status that calls report to. */
  readonly status: Pointer;
  readonly #nothing: Bytes = new Uint8Array(new ArrayBuffer(8));

  constructor(symbols: Symbols) {
    this.call = symbols;
    const status = symbols.TF_NewStatus();
    if (status === null) throw new TensorflowError("TF_NewStatus", 0, "no memory for a status");
    this.status = status;
  }

  /** The pointer to an address. Throws RangeError for address 0. */
  pointer(address: bigint): Pointer {
    const pointer = this.call.toPointer(address, this.#nothing, 0n);
    if (pointer === null) throw new RangeError("tensorflow: address 0 is no pointer");
    return pointer;
  }

  /** The address of a pointer; 0 for null. */
  address(pointer: Deno.PointerValue): bigint {
    return this.call.toAddress(pointer, this.#nothing, 0n);
  }

  /** The address of JavaScript memory, good for as long as the caller holds `bytes`. */
  addressOf(bytes: Bytes): bigint {
    return this.call.addressOf(bytes, this.#nothing, 0n);
  }

  /** A copy of native memory. */
  copy(pointer: Deno.PointerValue, length: number): Bytes {
    const bytes = new Uint8Array(new ArrayBuffer(length));
    if (pointer !== null && length > 0) this.call.copyOut(bytes, pointer, BigInt(length));
    return bytes;
  }

  /** A zero-terminated string; empty for null. */
  text(pointer: Deno.PointerValue): string {
    return pointer === null ? "" : decoder.decode(this.copy(pointer, Number(this.call.strlen(pointer))));
  }

  /** Throws what the status says went wrong in `what`, the name of an op or a function. */
  check(what: string): void {
    const code = this.call.TF_GetCode(this.status);
    if (code !== 0) throw new TensorflowError(what, code, this.text(this.call.TF_Message(this.status)));
  }

  /** The pointer that `what` made; throws what the status says when there is none. */
  made(pointer: Deno.PointerValue, what: string): Pointer {
    if (pointer !== null) return pointer;
    this.check(what);
    throw new TensorflowError(what, 0, "nothing was made and no reason given");
  }
}
