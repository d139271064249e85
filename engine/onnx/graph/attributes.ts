import { create } from "@bufbuild/protobuf";
import { type AttributeProto, AttributeProto_AttributeType as Type, AttributeProtoSchema } from "@slomo/weights/onnx";

/** Value of a node's attribute. A plain number is an integer, since ONNX tells 1 and 1.0 apart. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

/** Attributes of a node by name. */
export type NodeAttributes = Readonly<Record<string, AttributeValue>>;

/** An attribute as ONNX writes it. */
export function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: Type.STRING, s: new TextEncoder().encode(value) });
  }
  if (typeof value === "number") return create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(value) });
  if ("float" in value) return create(AttributeProtoSchema, { name, type: Type.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: Type.INTS, ints: value.map(BigInt) });
}
