/** The functions of libtensorflow's C API that the binding calls, and the three of libc that it needs beside them. */

const pointer = "pointer", buffer = "buffer", int = "i32", long = "i64", size = "usize", none = "void";

/** A signature as C writes it: the result, then the parameters. */
const signature = <const P extends readonly Deno.NativeType[], const R extends Deno.NativeResultType>(
  result: R,
  ...parameters: P
): { readonly result: R; readonly parameters: P } => ({ result, parameters });

/**
 * Names and signatures for `Deno.dlopen`. libc's functions are found through the library's own dependencies, so that
 * permission for the one file is enough. `memcpy` stands under several names, one for each pairing of native memory,
 * JavaScript memory and plain addresses: copying zero bytes gives the first argument back and so converts a pointer.
 * `Deno.UnsafePointer` would do that too, but asks for `--allow-ffi` without a path.
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
