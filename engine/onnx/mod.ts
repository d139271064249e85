/**
 * Networks in onnxruntime, and as ONNX models.
 *
 * @module
 */
export { onnxBackend } from "./backend.ts";
export { exportModel, type ExportOptions } from "./export/export_model.ts";
export type { NetworksSetup } from "@slomo/engine/pair";
export type { FrameSize } from "./pair/pair_graphs.ts";
export { runTraced } from "./run_traced.ts";
export { UntraceableError } from "./trace/tracing_backend.ts";
