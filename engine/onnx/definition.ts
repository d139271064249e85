/**
 * The backend `onnx` without the code that traces and runs networks, which is loaded when the backend opens.
 *
 * @module
 */
export { onnxBackend } from "./backend.ts";
export { mayHaveGpu } from "./native/gpu_nodes.ts";
export { withoutNativeMessages } from "./native/messages.ts";
export { ONNXRUNTIME } from "./session/onnxruntime.ts";
