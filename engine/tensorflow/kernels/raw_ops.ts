import type { TensorflowBinding, TensorMetadata } from "../binding/binding.ts";
import { DATA_TYPES } from "../binding/constants.ts";
import type { Attribute } from "../binding/ops.ts";
import { bool, typeOf } from "./kernel.ts";

const { TF_FLOAT, TF_BFLOAT16, TF_INT32 } = DATA_TYPES;

/** The part of a binding that runs ops. */
export type OpBinding = Pick<TensorflowBinding, "createTensor" | "deleteTensor" | "executeOp">;

/**
 * Ops on tensors of the binding, for kernels with steps that tfjs does not have. {@linkcode RawOps.free} frees all of its
 * tensors but those that were taken out with {@linkcode RawOps.take}.
 */
export class RawOps {
  readonly #binding: OpBinding;
  readonly #created = new Map<number, TensorMetadata>();

  constructor({ binding }: { readonly binding: OpBinding }) {
    this.#binding = binding;
  }

  /** Runs an op and returns its outputs. */
  runMany(op: string, attributes: readonly Attribute[], inputs: readonly number[], count: number): TensorMetadata[] {
    const outputs = this.#binding.executeOp(op, attributes, inputs, count);
    for (const tensor of outputs) this.#created.set(tensor.id, tensor);
    return outputs;
  }

  /** Runs an op with one output and returns it. */
  run(op: string, attributes: readonly Attribute[], inputs: readonly number[]): TensorMetadata {
    const [output] = this.runMany(op, attributes, inputs, 1);
    if (output === undefined) throw new RangeError(`tensorflow: ${op} returned no tensor`);
    return output;
  }

  /** Creates a 1-D tensor of integers. */
  integers(values: readonly number[]): number {
    return this.#upload([values.length], TF_INT32, Int32Array.from(values));
  }

  /** Creates an integer scalar. */
  integer(value: number): number {
    return this.#upload([], TF_INT32, Int32Array.of(value));
  }

  /** Creates a float tensor. */
  floats(shape: readonly number[], values: Float32Array): number {
    return this.#upload(shape, TF_FLOAT, values);
  }

  #upload(shape: readonly number[], dtype: number, values: Float32Array | Int32Array): number {
    const id = this.#binding.createTensor(shape, dtype, values);
    this.#created.set(id, { id, shape: [...shape], dtype });
    return id;
  }

  /** Rounds float32 to bfloat16. */
  toBfloat16(id: number): number {
    return this.run("Cast", [typeOf("SrcT", TF_FLOAT), typeOf("DstT", TF_BFLOAT16), bool("Truncate", false)], [id]).id;
  }

  /** Converts bfloat16 to float32. */
  toFloat32(id: number): number {
    return this.run("Cast", [typeOf("SrcT", TF_BFLOAT16), typeOf("DstT", TF_FLOAT), bool("Truncate", false)], [id]).id;
  }

  /** Takes a tensor out; the caller frees it. */
  take(id: number): TensorMetadata {
    const tensor = this.#created.get(id);
    if (tensor === undefined) throw new RangeError(`tensorflow: tensor ${id} is not one of these`);
    this.#created.delete(id);
    return tensor;
  }

  /** Frees the tensors that were not taken out. */
  free(): void {
    for (const id of this.#created.keys()) this.#binding.deleteTensor(id);
    this.#created.clear();
  }
}
