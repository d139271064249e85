import type { Attribute } from "../binding/attributes.ts";
import type { TensorMetadata } from "../binding/binding.ts";
import { DATA_TYPES } from "../binding/constants.ts";
import type { NodeBackend } from "../package.ts";
import { bool, typeOf } from "./attributes.ts";

const { TF_FLOAT, TF_BFLOAT16, TF_INT32 } = DATA_TYPES;

/**
 * Ops on the binding's own tensors, for kernels whose steps tfjs has no names for. Every tensor made by it is freed by
 * {@linkcode RawOps.free} but the one that is taken out with {@linkcode RawOps.take}.
 */
export class RawOps {
  readonly #backend: NodeBackend;
  readonly #made = new Map<number, TensorMetadata>();

  constructor(backend: NodeBackend) {
    this.#backend = backend;
  }

  /** Runs an op and describes its outputs. */
  runMany(op: string, attributes: readonly Attribute[], inputs: readonly number[], outputs: number): TensorMetadata[] {
    const made = this.#backend.binding.executeOp(op, attributes, inputs, outputs);
    for (const tensor of made) this.#made.set(tensor.id, tensor);
    return made;
  }

  /** Runs an op and describes its one output. */
  run(op: string, attributes: readonly Attribute[], inputs: readonly number[]): TensorMetadata {
    const [output] = this.runMany(op, attributes, inputs, 1);
    if (output === undefined) throw new RangeError(`tensorflow: ${op} gave no tensor`);
    return output;
  }

  /** A 1-D tensor of integers. */
  integers(values: readonly number[]): number {
    return this.#upload([values.length], TF_INT32, Int32Array.from(values));
  }

  /** One integer. */
  integer(value: number): number {
    return this.#upload([], TF_INT32, Int32Array.of(value));
  }

  /** A tensor of numbers. */
  floats(shape: readonly number[], values: Float32Array): number {
    return this.#upload(shape, TF_FLOAT, values);
  }

  #upload(shape: readonly number[], dtype: number, values: Float32Array | Int32Array): number {
    const id = this.#backend.binding.createTensor(shape, dtype, values);
    this.#made.set(id, { id, shape: [...shape], dtype });
    return id;
  }

  /** float32 rounded to bfloat16. */
  toBfloat16(id: number): number {
    return this.run("Cast", [typeOf("SrcT", TF_FLOAT), typeOf("DstT", TF_BFLOAT16), bool("Truncate", false)], [id]).id;
  }

  /** bfloat16 widened to float32. */
  toFloat32(id: number): number {
    return this.run("Cast", [typeOf("SrcT", TF_BFLOAT16), typeOf("DstT", TF_FLOAT), bool("Truncate", false)], [id]).id;
  }

  /** Takes a tensor out: the caller frees it. */
  take(id: number): TensorMetadata {
    const tensor = this.#made.get(id);
    if (tensor === undefined) throw new RangeError(`tensorflow: tensor ${id} is not one of these`);
    this.#made.delete(id);
    return tensor;
  }

  /** Frees what was made and not taken. */
  free(): void {
    for (const id of this.#made.keys()) this.#backend.binding.deleteTensor(id);
    this.#made.clear();
  }
}
