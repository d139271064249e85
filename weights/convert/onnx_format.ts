import { JobError, UsageError } from "@slomo/core";
import type { TensorProto } from "../onnx/onnx_pb.ts";
import type { NamedTensor } from "@slomo/core";
import type { SourceFormat } from "./source_format.ts";
import { vggModel } from "./vgg/vgg_model.ts";

/** An ONNX file begins with its version, field 1, a small number, and another field of the model follows. */
const VERSION_FIELD = 0x08, NEWEST_VERSION = 0x40, NEXT_FIELDS = [0x12, 0x1a, 0x22, 0x2a, 0x32, 0x3a, 0x42];

/** Types of numbers by ONNX's code. */
const FLOAT = 1, FLOAT16 = 10;

function readTensor({ name, dims, dataType, rawData, floatData }: TensorProto, location: string): NamedTensor {
  const shape = dims.map(Number), bytes = () => rawData.slice().buffer as ArrayBuffer;
  const values = dataType === FLOAT
    ? rawData.length > 0 ? new Float32Array(bytes()) : Float32Array.from(floatData)
    : dataType === FLOAT16 && rawData.length > 0
    ? new Float32Array(new Float16Array(bytes()))
    : undefined;
  if (values?.length === shape.reduce((product, length) => product * length, 1)) return { shape, values };
  throw new UsageError(`${location}: "${name}" must hold float32 or float16 numbers within the file`);
}

/** ONNX of torchvision's VGG16 or VGG19, whose parameters keep PyTorch's names. */
export const onnxFormat: SourceFormat = {
  description: "ONNX of VGG16 or VGG19, as PyTorch exports it",
  accepts: ([field, version, next]) =>
    field === VERSION_FIELD && version! < NEWEST_VERSION && NEXT_FIELDS.includes(next!),
  async read(bytes, location) {
    // Loaded here, because all that reads weights comes by this file and few need this.
    const [{ fromBinary }, { ModelProtoSchema }] = await Promise.all([
      import("@bufbuild/protobuf"),
      import("../onnx/onnx_pb.ts"),
    ]);
    let tensors: readonly TensorProto[];
    try {
      tensors = fromBinary(ModelProtoSchema, bytes).graph?.initializer ?? [];
    } catch (error) {
      throw new JobError(`${location} is truncated or damaged: ${error instanceof Error ? error.message : error}`);
    }
    const model = vggModel(
      new Map(tensors.map((tensor) => [tensor.name, () => readTensor(tensor, location)])),
      location,
    );
    if (model) return model;
    const names = tensors.slice(0, 3).map(({ name }) => `"${name}"`).join(", ");
    throw new UsageError(
      `${location} is ONNX and holds ${names || "no tensors"}, which are not VGG's features.0.weight, …`,
    );
  },
};
