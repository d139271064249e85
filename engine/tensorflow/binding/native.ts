const pointer = "pointer", buffer = "buffer", int = "i32", long = "i64", size = "usize", none = "void";

/** Returns a signature in the order of C: the result, then the parameters. */
const signature = <const P extends readonly Deno.NativeType[], const R extends Deno.NativeResultType>(
  result: R,
  ...parameters: P
): { readonly result: R; readonly parameters: P } => ({ result, parameters });

/**
 * Functions of libtensorflow's C API, and the three of libc that the binding needs, for `Deno.dlopen`. libc's functions are
 * found through the dependencies of the library, so permission for one file is enough. `memcpy` has several names, one for
 * each pair of native memory, JavaScript memory and addresses: copying zero bytes returns the first argument and thereby
 * converts a pointer. `Deno.UnsafePointer` would do the same, but requires `--allow-ffi` without a path.
 */
export const SYMBOLS = {
  dlopen: signature(pointer, buffer, int),
  strlen: signature(size, pointer),
  copyIn: { name: "memcpy", ...signature(none, pointer, buffer, size) },
  copyOut: { name: "memcpy", ...signature(none, buffer, pointer, size) },
  toPointer: { name: "memcpy", ...signature(pointer, size, buffer, size) },
  toAddress: { name: "memcpy", ...signature(size, pointer, buffer, size) },
  addressOf: { name: "memcpy", ...signature(size, buffer, buffer, size) },

  TF_Version: signature(pointer),
  TF_NewStatus: signature(pointer),
  TF_DeleteStatus: signature(none, pointer),
  TF_GetCode: signature(int, pointer),
  TF_Message: signature(pointer, pointer),

  TF_AllocateTensor: signature(pointer, int, buffer, int, size),
  TF_DeleteTensor: signature(none, pointer),
  TF_TensorData: signature(pointer, pointer),
  TF_TensorByteSize: signature(size, pointer),
  TF_TensorElementCount: signature(long, pointer),
  TF_StringInit: signature(none, pointer),
  TF_StringAssignView: signature(none, pointer, pointer, size),
  TF_StringGetDataPointer: signature(pointer, pointer),
  TF_StringGetSize: signature(size, pointer),

  TF_DeviceListCount: signature(int, pointer),
  TF_DeviceListName: signature(pointer, pointer, int, pointer),
  TF_DeviceListType: signature(pointer, pointer, int, pointer),
  TF_DeviceListMemoryBytes: signature(long, pointer, int, pointer),
  TF_DeleteDeviceList: signature(none, pointer),
  TFE_NewContextOptions: signature(pointer),
  TFE_ContextOptionsSetConfig: signature(none, pointer, buffer, size, pointer),
  TFE_DeleteContextOptions: signature(none, pointer),
  TFE_NewContext: signature(pointer, pointer, pointer),
  TFE_DeleteContext: signature(none, pointer),
  TFE_ContextListDevices: signature(pointer, pointer, pointer),

  TFE_NewTensorHandle: signature(pointer, pointer, pointer),
  TFE_DeleteTensorHandle: signature(none, pointer),
  TFE_TensorHandleResolve: signature(pointer, pointer, pointer),
  TFE_TensorHandleCopyToDevice: signature(pointer, pointer, pointer, buffer, pointer),
  TFE_TensorHandleDataType: signature(int, pointer),
  TFE_TensorHandleNumDims: signature(int, pointer, pointer),
  TFE_TensorHandleDim: signature(long, pointer, int, pointer),

  TFE_NewOp: signature(pointer, pointer, buffer, pointer),
  TFE_DeleteOp: signature(none, pointer),
  TFE_OpAddInput: signature(none, pointer, pointer, pointer),
  TFE_Execute: signature(none, pointer, buffer, buffer, pointer),
  TFE_OpSetAttrString: signature(none, pointer, buffer, buffer, size),
  TFE_OpSetAttrStringList: signature(none, pointer, buffer, buffer, buffer, int),
  TFE_OpSetAttrInt: signature(none, pointer, buffer, long),
  TFE_OpSetAttrIntList: signature(none, pointer, buffer, buffer, int),
  TFE_OpSetAttrFloat: signature(none, pointer, buffer, "f32"),
  TFE_OpSetAttrFloatList: signature(none, pointer, buffer, buffer, int),
  TFE_OpSetAttrBool: signature(none, pointer, buffer, "u8"),
  TFE_OpSetAttrType: signature(none, pointer, buffer, int),
  TFE_OpSetAttrTypeList: signature(none, pointer, buffer, buffer, int),
  TFE_OpSetAttrShape: signature(none, pointer, buffer, buffer, int, pointer),
} satisfies Deno.ForeignLibraryInterface;

/** The functions, as JavaScript calls them. */
export type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** Names of `TF_Code`. */
const CODES: readonly string[] = [
  "ok",
  "cancelled",
  "unknown",
  "invalid argument",
  "deadline exceeded",
  "not found",
  "already exists",
  "permission denied",
  "resource exhausted",
  "failed precondition",
  "aborted",
  "out of range",
  "unimplemented",
  "internal",
  "unavailable",
  "data loss",
  "unauthenticated",
];

/** Removes graph nodes, device paths and traces from TensorFlow's message. */
function shorten(detail: string): string {
  return detail
    .replaceAll(/\{\{(?:function_node|node) [^}]*\}\}/g, "")
    .replaceAll(/\[\[.*?\]\]/gs, "")
    .replaceAll(/\[Op:[^\]]*\]( name:\s*)?/g, "")
    .replaceAll(/\/job:\w+\/replica:\d+\/task:\d+\/device:/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** An error of libtensorflow, in one line. */
export class TensorflowError extends Error {
  override readonly name = "TensorflowError";
  /** The op, or the function of the C API, that failed. */
  readonly op: string;
  /** `TF_Code`: 3 invalid argument, 5 not found, 8 resource exhausted, … */
  readonly code: number;

  constructor(op: string, code: number, detail: string) {
    super(`tensorflow: ${op} failed: ${shorten(detail)} (${CODES[code] ?? `code ${code}`})`);
    this.op = op;
    this.code = code;
  }
}

/** A pointer into native memory, never null. */
export type Pointer = Deno.PointerObject;
/** JavaScript memory that native code reads or writes during a call. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder(), decoder = new TextDecoder();
const names = new Map<string, Bytes>();

/**
 * Returns a zero-terminated copy of a name. Copies are created once and never freed, because libtensorflow may keep pointers
 * to the names of ops and attributes. Not for values.
 */
export function cString(text: string): Bytes {
  let bytes = names.get(text);
  if (bytes === undefined) names.set(text, bytes = encoder.encode(`${text}\0`));
  return bytes;
}

/**
 * The functions of the library with a status, and conversions between pointers, addresses and text.
 *
 * The garbage collector does not see numeric addresses. A caller that passes one on keeps its buffer alive until the call
 * returns, and creates the buffer with `new ArrayBuffer`, whose memory does not move.
 */
export class Native {
  /** The library's functions. */
  readonly call: Symbols;
  /** The status object of all calls. */
  readonly status: Pointer;
  readonly #nothing: Bytes = new Uint8Array(new ArrayBuffer(8));

  constructor(symbols: Symbols) {
    this.call = symbols;
    const status = symbols.TF_NewStatus();
    if (status === null) throw new TensorflowError("TF_NewStatus", 0, "no memory for a status");
    this.status = status;
  }

  /**
   * Converts an address to a pointer.
   *
   * @throws {RangeError} For address 0.
   */
  pointer(address: bigint): Pointer {
    const pointer = this.call.toPointer(address, this.#nothing, 0n);
    if (pointer === null) throw new RangeError("tensorflow: address 0 is no pointer");
    return pointer;
  }

  /** Converts a pointer to an address; 0 for null. */
  address(pointer: Deno.PointerValue): bigint {
    return this.call.toAddress(pointer, this.#nothing, 0n);
  }

  /** Returns the address of JavaScript memory, which is valid while `bytes` is alive. */
  addressOf(bytes: Bytes): bigint {
    return this.call.addressOf(bytes, this.#nothing, 0n);
  }

  /** Copies native memory. */
  copy(pointer: Deno.PointerValue, length: number): Bytes {
    const bytes = new Uint8Array(new ArrayBuffer(length));
    if (pointer !== null && length > 0) this.call.copyOut(bytes, pointer, BigInt(length));
    return bytes;
  }

  /** Reads a zero-terminated string; empty for null. */
  text(pointer: Deno.PointerValue): string {
    return pointer === null ? "" : decoder.decode(this.copy(pointer, Number(this.call.strlen(pointer))));
  }

  /**
   * Checks the status after a call.
   *
   * @param name Name of the op or the function.
   * @throws {TensorflowError} If it failed.
   */
  check(name: string): void {
    const code = this.call.TF_GetCode(this.status);
    if (code !== 0) throw new TensorflowError(name, code, this.text(this.call.TF_Message(this.status)));
  }

  /**
   * Checks the result of a call that creates an object.
   *
   * @throws {TensorflowError} If it failed.
   */
  created(pointer: Deno.PointerValue, name: string): Pointer {
    if (pointer !== null) return pointer;
    this.check(name);
    throw new TensorflowError(name, 0, "no result and no reason");
  }
}
