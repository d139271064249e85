import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { ComputePrecision } from "@slomo/engine";
import { ModelProtoSchema } from "@slomo/weights/onnx";
import type { OnnxDevice } from "../session/devices.ts";
import { toFloat16 } from "./float16.ts";
import { padChannels } from "./pad_channels.ts";

/**
 * Adapts an encoded model to a device: mends what the provider computes wrong, and converts it to the precision. Inputs and
 * outputs stay the same, in float32.
 */
export function adaptModel(
  model: Uint8Array,
  { device, precision = "float32" }: { readonly device: OnnxDevice; readonly precision?: ComputePrecision | undefined },
): Uint8Array {
  if (device !== "webgpu" && precision === "float32") return model;
  const proto = fromBinary(ModelProtoSchema, model);
  if (device === "webgpu") padChannels(proto.graph!);
  if (precision === "float16") toFloat16(proto.graph!);
  return toBinary(ModelProtoSchema, proto);
}
