import { JobError } from "@slomo/core";
import { type Attribute, AttributeWriter } from "./attributes.ts";
import { RESOURCE_EXHAUSTED } from "./constants.ts";
import type { Context } from "./context.ts";
import { TensorflowError } from "./errors.ts";
import { cString, type Native, type Pointer } from "./native.ts";
import { outOfMemory } from "./out_of_memory.ts";

const MAX_OUTPUTS = 64;

/** Runs ops one by one in an eager context. */
export class OpRunner {
  readonly #native: Native;
  readonly #context: Context;
  readonly #attributes: AttributeWriter;
  readonly #outputs = new BigUint64Array(new ArrayBuffer(8 * MAX_OUTPUTS));
  readonly #count = new Int32Array(new ArrayBuffer(4));

  constructor(native: Native, context: Context) {
    this.#native = native;
    this.#context = context;
    this.#attributes = new AttributeWriter(native);
  }

  /**
   * Runs the op `name` and returns handles of its outputs, at most `outputs`, which the caller frees. Throws JobError
   * where memory ran out, and TensorflowError for whatever else TensorFlow refuses.
   */
  run(name: string, attributes: readonly Attribute[], inputs: readonly Pointer[], outputs: number): Pointer[] {
    const native = this.#native, { call, status } = native;
    if (outputs > MAX_OUTPUTS) throw new RangeError(`tensorflow: at most ${MAX_OUTPUTS} outputs, got ${outputs}`);
    const op = native.made(call.TFE_NewOp(this.#context.pointer, cString(name), status), name);
    try {
      for (const input of inputs) {
        call.TFE_OpAddInput(op, input, status);
        native.check(name);
      }
      for (const attribute of attributes) this.#attributes.set(op, attribute);
      this.#count[0] = outputs;
      call.TFE_Execute(op, this.#outputs, this.#count, status);
      native.check(name);
      const results: Pointer[] = [];
      for (const address of this.#outputs.subarray(0, this.#count[0])) results.push(native.pointer(address));
      return results;
    } catch (error) {
      if (error instanceof TensorflowError && error.code === RESOURCE_EXHAUSTED) {
        throw new JobError(outOfMemory(error, this.#context.device), { cause: error });
      }
      throw error;
    } finally {
      call.TFE_DeleteOp(op);
    }
  }
}
