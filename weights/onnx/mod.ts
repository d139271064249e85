/**
 * The messages of the ONNX file format, generated from its protobuf definition.
 *
 * @module
 */
export * from "./onnx_pb.ts";
