import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import { JobError, UsageError } from "../../core/errors.ts";
import { GraphProtoSchema, ModelProtoSchema, TensorProto_DataType, TensorProtoSchema } from "../onnx/onnx_pb.ts";
import { perceptualPart } from "../../plugins/losses/perceptual.ts";
import { type ConvertedModel, readModel as readModelOf } from "./mod.ts";

const readModel = (bytes: Uint8Array, location: string): Promise<ConvertedModel> =>
  readModelOf(bytes, location, [perceptualPart]);

/** Indices of VGG16's convolutions in torchvision's `features`. */
const PLACES = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28];

/** Returns a VGG16 with two channels, whose filters count up from their index. */
function vgg16(name: (place: number, kind: string) => string): Uint8Array<ArrayBuffer> {
  const initializer = PLACES.flatMap((place, i) => {
    const inputs = i === 0 ? 3 : 2, values = Float32Array.from({ length: 18 * inputs }, (_, k) => k + place);
    const weight = create(TensorProtoSchema, {
      name: name(place, "weight"),
      dims: [2n, BigInt(inputs), 3n, 3n],
      dataType: TensorProto_DataType.FLOAT,
      rawData: new Uint8Array(values.buffer),
    });
    const bias = create(TensorProtoSchema, {
      name: name(place, "bias"),
      dims: [2n],
      dataType: TensorProto_DataType.FLOAT,
      floatData: [place, -place],
    });
    return [weight, bias];
  });
  const graph = create(GraphProtoSchema, { initializer });
  return new Uint8Array(
    toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, producerName: "pytorch", graph })),
  );
}

Deno.test("readModel() reads the VGG16 that PyTorch exports to ONNX", async () => {
  const { tensors } = await readModel(vgg16((place, kind) => `features.${place}.${kind}`), "vgg.onnx");
  equal(tensors.size, 1 + 2 * 13);
  equal([...tensors.get("vgg16.conv4_3.bias")!.values], [21, -21]);
  equal([...tensors.get("vgg16.conv1_2.weight")!.values.slice(0, 4)], [2, 20, 11, 29]);
});

Deno.test("readModel() rejects an ONNX file that is not VGG, and a damaged one", async () => {
  await rejects(readModel(vgg16((place, kind) => `onnx_${place}_${kind}`), "m.onnx"), (error) => {
    equal(
      error instanceof UsageError && /an ONNX file with 26 tensors \(onnx_0_weight, .*VGG16/.test(error.message),
      true,
      `${error}`,
    );
    return true;
  });
  await rejects(readModel(vgg16(String).slice(0, 500), "m.onnx"), JobError);
});
