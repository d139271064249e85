/**
 * Networks in onnxruntime, and as ONNX models.
 *
 * @module
 */
export { onnxBackend } from "./backend.ts";
export { exportModel, type ExportOptions } from "./export/export_model.ts";
export { mayHaveGpu } from "./native/gpu_nodes.ts";
export { withoutNativeMessages } from "./native/messages.ts";
export type { FrameSize, NetworksSetup } from "@slomo/engine/pair";
export { ONNXRUNTIME } from "./session/onnxruntime.ts";
export { runTraced } from "./run_traced.ts";
export { UntraceableError } from "./trace/tracing_backend.ts";
