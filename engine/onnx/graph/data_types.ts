import type { DataType } from "@tensorflow/tfjs-core";
import { TensorProto_DataType as OnnxType } from "@slomo/weights/onnx";

/** What tensors of a graph hold. */
export type ElementType = "float32" | "int32" | "bool";

/** ONNX's number for each {@linkcode ElementType}. */
export const ONNX_TYPES: Readonly<Record<ElementType, OnnxType>> = {
  float32: OnnxType.FLOAT,
  int32: OnnxType.INT32,
  bool: OnnxType.BOOL,
};

/** Whether a tfjs type can stand in a graph. */
export function isElementType(type: DataType): type is ElementType {
  return type in ONNX_TYPES;
}

/** The array that holds numbers of a type. */
export const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;
