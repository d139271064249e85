/** What goes wrong inside TensorFlow, in one readable line. */

const CODES: readonly string[] = [
  "ok",
  "cancelled",
  "unknown",
  "invalid argument",
  "deadline exceeded",
  "not found",
  "already exists",
  "permission denied",
  "resource exhausted",
  "failed precondition",
  "aborted",
  "out of range",
  "unimplemented",
  "internal",
  "unavailable",
  "data loss",
  "unauthenticated",
];

/** TensorFlow's message without the graph nodes, device paths and traces that it wraps around one sentence. */
function oneSentence(detail: string): string {
  return detail
    .replaceAll(/\{\{(?:function_node|node) [^}]*\}\}/g, "")
    .replaceAll(/\[\[.*?\]\]/gs, "")
    .replaceAll(/\[Op:[^\]]*\]( name:\s*)?/g, "")
    .replaceAll(/\/job:\w+\/replica:\d+\/task:\d+\/device:/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** A failure that libtensorflow reported. */
export class TensorflowError extends Error {
  override readonly name = "TensorflowError";
  /** The op, or the function of the C API, that failed. */
  readonly op: string;
  /** `TF_Code`: 3 invalid argument, 5 not found, 8 resource exhausted, … */
  readonly code: number;

  constructor(op: string, code: number, detail: string) {
    super(`tensorflow: ${op} failed: ${oneSentence(detail)} (${CODES[code] ?? `code ${code}`})`);
    this.op = op;
    this.code = code;
  }
}
