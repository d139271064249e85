import { UsageError } from "@slomo/core";

/** A network does what no ONNX graph can be recorded of; another backend may well run it. */
export class UntraceableError extends UsageError {}
