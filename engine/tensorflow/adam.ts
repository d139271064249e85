import * as tf from "@tensorflow/tfjs-core";
import type { AdamOptions, CreateOptimizer, NamedTensors } from "@slomo/engine";
import { DATA_TYPES } from "./binding/constants.ts";
import { bool, shape as shapeOf, text, typeOf } from "./kernels/kernel.ts";
import { RawOps } from "./kernels/raw_ops.ts";
import type { NodeBackend } from "./package.ts";

const { TF_FLOAT } = DATA_TYPES;
const OF_FLOATS = [typeOf("T", TF_FLOAT)], HOLDS_FLOATS = [typeOf("dtype", TF_FLOAT)];
const STEP = [...OF_FLOATS, bool("use_locking", false), bool("use_nesterov", false)];
/** TensorFlow's name of anonymous resources; other names would grow its cache of kernels. */
const ANONYMOUS = "cd2c89b7-88b7-44c8-ad83-06c2a9158347";

/** A variable that TensorFlow updates in place. */
class Resource {
  readonly #backend: NodeBackend;
  readonly #handle: number;

  constructor(backend: NodeBackend, shape: readonly number[]) {
    this.#backend = backend;
    const attributes = [
      ...HOLDS_FLOATS,
      shapeOf("shape", shape),
      text("container", ""),
      text("shared_name", ANONYMOUS),
    ];
    const [handle] = backend.binding.executeOp("VarHandleOp", attributes, [], 1);
    if (handle === undefined) throw new RangeError("tensorflow: VarHandleOp returned no handle");
    this.#handle = handle.id;
  }

  /** Number of its handle in the binding. */
  get id(): number {
    return this.#handle;
  }

  /** Assigns the values of a tensor, and shares its memory until one of them changes. */
  set(id: number): void {
    this.#backend.binding.executeOp("AssignVariableOp", HOLDS_FLOATS, [this.#handle, id], 0);
  }

  /** Returns its current values as a tensor. */
  read(): tf.Tensor {
    const [value] = this.#backend.binding.executeOp("ReadVariableOp", HOLDS_FLOATS, [this.#handle], 1);
    if (value === undefined) throw new RangeError("tensorflow: ReadVariableOp returned no tensor");
    return this.#backend.createOutputTensor(value);
  }

  free(): void {
    this.#backend.binding.executeOp("DestroyResourceOp", [bool("ignore_lookup_error", true)], [this.#handle], 0);
    this.#backend.binding.deleteTensor(this.#handle);
  }
}

/** Uploads the constants of a step: 1 − decay, then the six scalars of ResourceApplyAdam. */
function constants(raw: RawOps, steps: number, rate: number, { beta1, beta2, epsilon, decay }: AdamOptions): number[] {
  // TensorFlow adds epsilon before bias correction, so epsilon is corrected alike.
  const softening = epsilon * Math.sqrt(1 - beta2 ** steps);
  return [1 - rate * decay, beta1 ** steps, beta2 ** steps, rate, beta1, beta2, softening].map((value) =>
    raw.floats([], Float32Array.of(value))
  );
}

/**
 * Creates an Adam that runs as one TensorFlow op per variable instead of fifteen. It computes the same as `createAdam` of
 * `@slomo/training`. The backend `tensorflow` must be set.
 */
export const createTensorflowAdam: CreateOptimizer = (variables, options, state) => {
  const backend = tf.backend() as NodeBackend;
  const idOf = (tensor: tf.Tensor): number => backend.getInputTensorIds([tensor])[0] ?? -1;
  let steps = state?.steps ?? 0, read: tf.Tensor[] = [];

  const remembered = (of?: NamedTensors): ReadonlyMap<string, Resource> =>
    new Map(
      Object.entries(variables).map(([name, { shape }]) => {
        const resource = new Resource(backend, shape), start = of?.[name] ?? tf.zeros(shape);
        resource.set(idOf(start));
        if (start !== of?.[name]) start.dispose();
        return [name, resource];
      }),
    );
  const values = remembered(), means = remembered(state?.means), squares = remembered(state?.squares);

  function applyOne(raw: RawOps, name: string, gradient: tf.Tensor, [kept = -1, ...numbers]: readonly number[]): void {
    const variable = variables[name], value = values.get(name), mean = means.get(name), square = squares.get(name);
    if (!variable || !value || !mean || !square) throw new RangeError(`Adam: there is no variable ${name}`);
    value.set(raw.run("Mul", OF_FLOATS, [idOf(variable), kept]).id);
    raw.free();
    backend.binding.executeOp("ResourceApplyAdam", STEP, [value.id, mean.id, square.id, ...numbers, idOf(gradient)], 0);
    const moved = value.read();
    variable.assign(moved);
    moved.dispose();
  }

  const forget = () => {
    tf.dispose(read);
    read = [];
  };
  const readAll = (resources: ReadonlyMap<string, Resource>): NamedTensors =>
    Object.fromEntries([...resources].map(([name, resource]) => {
      const tensor = tf.keep(resource.read());
      read.push(tensor);
      return [name, tensor];
    }));
  return {
    apply(gradients, rate) {
      forget();
      steps++;
      const shared = new RawOps(backend), numbers = constants(shared, steps, rate, options), raw = new RawOps(backend);
      try {
        for (const [name, gradient] of Object.entries(gradients)) applyOne(raw, name, gradient, numbers);
      } finally {
        raw.free();
        shared.free();
      }
    },
    state: () => {
      forget();
      return { steps, means: readAll(means), squares: readAll(squares) };
    },
    dispose: () => {
      forget();
      for (const resources of [values, means, squares]) resources.forEach((resource) => resource.free());
    },
  };
};
