import { UsageError } from "../../../errors.ts";

/** A network does what no ONNX graph can be recorded of; another backend may well run it. */
export class UntraceableError extends UsageError {}
