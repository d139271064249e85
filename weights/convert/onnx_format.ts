import { JobError, type NamedTensor, UsageError } from "@slomo/core";
import type { TensorProto } from "../onnx/onnx_pb.ts";
import type { SourceFormat } from "./source_format.ts";

/** An ONNX file begins with field 1, the version of the format, and another field of the model follows. */
const VERSION_FIELD = 0x08, NEWEST_VERSION = 0x40, NEXT_FIELDS = [0x12, 0x1a, 0x22, 0x2a, 0x32, 0x3a, 0x42];

/** ONNX's codes of data types. */
const FLOAT = 1, FLOAT16 = 10;

function readTensor({ name, dims, dataType, rawData, floatData }: TensorProto, location: string): NamedTensor {
  const shape = dims.map(Number), bytes = () => rawData.slice().buffer as ArrayBuffer;
  const values = dataType === FLOAT
    ? rawData.length > 0 ? new Float32Array(bytes()) : Float32Array.from(floatData)
    : dataType === FLOAT16 && rawData.length > 0
    ? new Float32Array(new Float16Array(bytes()))
    : undefined;
  if (values?.length === shape.reduce((product, length) => product * length, 1)) return { shape, values };
  throw new UsageError(`${location}: "${name}" must hold float32 or float16 numbers within the file`, {
    code: "unsupported-model",
  });
}

/** ONNX models; exporters keep the names of parameters. */
export const onnxFormat: SourceFormat = {
  accepts: ([field, version, next]) =>
    field === VERSION_FIELD && version! < NEWEST_VERSION && NEXT_FIELDS.includes(next!),
  async open(bytes, location) {
    // Loaded on demand: every program that reads weights imports this file, and few read ONNX.
    const [{ fromBinary }, { ModelProtoSchema }] = await Promise.all([
      import("@bufbuild/protobuf"),
      import("../onnx/onnx_pb.ts"),
    ]);
    let tensors: readonly TensorProto[];
    try {
      tensors = fromBinary(ModelProtoSchema, bytes).graph?.initializer ?? [];
    } catch (error) {
      throw new JobError(`${location} is truncated or damaged: ${error instanceof Error ? error.message : error}`, {
        code: "weights-damaged",
      });
    }
    return {
      format: "onnx",
      location,
      metadata: {},
      precision: "F32",
      tensors: new Map(tensors.map((tensor) => [tensor.name, () => readTensor(tensor, location)])),
    };
  },
};
