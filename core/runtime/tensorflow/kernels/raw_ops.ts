import type { Attribute } from "../binding/attributes.ts";
import type { TensorMetadata } from "../binding/binding.ts";
import { DATA_TYPES } from "../binding/constants.ts";
import type { NodeBackend } from "../package.ts";
import { bool, typeOf } from "./attributes.ts";

const { TF_FLOAT, TF_BFLOAT16, TF_INT32 } = DATA_TYPES;

/**
 * Ops on the binding's own tensors, for kernels whose steps tfjs has no names for. Every tensor made by it is freed by
 * {@linkcode RawOps.free} but the one that is taken out with {@linkcode RawOps.release}.
 */
export class RawOps {
  readonly #backend: NodeBackend;
  readonly #made = new Set<number>();

  constructor(backend: NodeBackend) {
    this.#backend = backend;
  }

  /** Runs an op and describes its one output. */
  run(op: string, attributes: readonly Attribute[], inputs: readonly number[]): TensorMetadata {
    const [output] = this.#backend.binding.executeOp(op, attributes, inputs, 1);
    if (output === undefined) throw new RangeError(`tensorflow: ${op} gave no tensor`);
    this.#made.add(output.id);
    return output;
  }

  /** A 1-D tensor of integers on the host. */
  integers(values: readonly number[]): number {
    const id = this.#backend.binding.createTensor([values.length], TF_INT32, Int32Array.from(values));
    this.#made.add(id);
    return id;
  }

  /** float32 rounded to bfloat16. */
  toBfloat16(id: number): number {
    return this.run("Cast", [typeOf("SrcT", TF_FLOAT), typeOf("DstT", TF_BFLOAT16), bool("Truncate", false)], [id]).id;
  }

  /** bfloat16 widened to float32. */
  toFloat32(id: number): TensorMetadata {
    return this.run("Cast", [typeOf("SrcT", TF_BFLOAT16), typeOf("DstT", TF_FLOAT), bool("Truncate", false)], [id]);
  }

  /** Leaves a tensor to somebody else, who frees it. */
  release(tensor: TensorMetadata): TensorMetadata {
    this.#made.delete(tensor.id);
    return tensor;
  }

  /** Frees what was made and not released. */
  free(): void {
    for (const id of this.#made) this.#backend.binding.deleteTensor(id);
    this.#made.clear();
  }
}
