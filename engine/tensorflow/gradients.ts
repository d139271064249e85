import * as tf from "@tensorflow/tfjs-core";

/** Returns `dy` of an op with one output. */
const single = (dy: tf.Tensor | tf.Tensor[]): tf.Tensor => {
  if (Array.isArray(dy)) throw new TypeError("tensorflow: an op with one output has one gradient");
  return dy;
};

/** Returns the saved tensor `i`, in the order of `inputsToSave`. */
const savedAt = (saved: readonly tf.Tensor[], i: number): tf.Tensor => {
  const tensor = saved[i];
  if (tensor === undefined) throw new TypeError("tensorflow: a tensor that a gradient needs was not saved");
  return tensor;
};

/** Returns a zero gradient for indices, as floats. */
const none = (indices: tf.Tensor) => (): tf.Tensor => tf.zeros(indices.shape);

const gatherNd: tf.GradConfig = {
  kernelName: "GatherNd",
  inputsToSave: ["params", "indices"],
  gradFunc: (dy, saved) => {
    const params = savedAt(saved, 0), indices = savedAt(saved, 1);
    return { params: () => tf.scatterND(indices, single(dy), params.shape), indices: none(indices) };
  },
};

const scatterNd: tf.GradConfig = {
  kernelName: "ScatterNd",
  inputsToSave: ["indices"],
  gradFunc: (dy, saved) => {
    const indices = savedAt(saved, 0);
    return { updates: () => tf.gatherND(single(dy), indices), indices: none(indices) };
  },
};

const tensorScatterUpdate: tf.GradConfig = {
  kernelName: "TensorScatterUpdate",
  inputsToSave: ["indices", "updates"],
  gradFunc: (dy, saved) => {
    const indices = savedAt(saved, 0), updates = savedAt(saved, 1);
    return {
      tensor: () => tf.tensorScatterUpdate(single(dy), indices, tf.zerosLike(updates)),
      updates: () => tf.gatherND(single(dy), indices),
      indices: none(indices),
    };
  },
};

const depthToSpace: tf.GradConfig = {
  kernelName: "DepthToSpace",
  inputsToSave: ["x"],
  gradFunc: (dy, saved, attributes) => {
    const { shape } = savedAt(saved, 0), block = Number(attributes.blockSize);
    if (attributes.dataFormat !== "NHWC") throw new RangeError("depthToSpace: only NHWC has a gradient");
    const [n = 0, h = 0, w = 0, c = 0] = shape;
    return {
      x: () => {
        const parts = tf.reshape(single(dy), [n * h, block, w, block, c / (block * block)]);
        return tf.reshape(tf.transpose(parts, [0, 2, 1, 3, 4]), shape);
      },
    };
  },
};

/** Adds the gradients of mirrored elements along one axis to those of their sources. */
function unmirror(dy: tf.Tensor, axis: number, size: number, before: number, after: number, skip: number): tf.Tensor {
  const part = (begin: number, count: number) => {
    const at = dy.shape.map((_, i) => i === axis ? begin : 0);
    return tf.slice(dy, at, dy.shape.map((all, i) => i === axis ? count : all));
  };
  const put = (mirrored: tf.Tensor, begin: number, count: number) => {
    const around = dy.shape.map((_, i): [number, number] => i === axis ? [begin, size - begin - count] : [0, 0]);
    return tf.pad(tf.reverse(mirrored, axis), around);
  };
  const sums = [part(before, size)];
  if (before > 0) sums.push(put(part(0, before), skip, before));
  if (after > 0) sums.push(put(part(before + size, after), size - skip - after, after));
  return tf.addN(sums);
}

/** That of tfjs-core ignores the mirrored elements. */
const mirrorPad: tf.GradConfig = {
  kernelName: "MirrorPad",
  inputsToSave: ["x"],
  gradFunc: (dy, saved, attributes) => {
    const { shape } = savedAt(saved, 0), paddings = attributes.paddings as [number, number][];
    const skip = attributes.mode === "reflect" ? 1 : 0;
    return {
      x: () =>
        paddings.reduce<tf.Tensor>(
          (sum, [before, after], axis) => unmirror(sum, axis, shape[axis]!, before, after, skip),
          single(dy),
        ),
    };
  },
};

/** That of tfjs-core returns the indices as their gradient, and fails because they are integers. */
function gather(original: tf.GradConfig): tf.GradConfig {
  return {
    ...original,
    gradFunc: (dy, saved, attributes) => ({
      ...original.gradFunc(dy, saved, attributes),
      indices: none(savedAt(saved, 1)),
    }),
  };
}

/** That of tfjs-core does not restore the order of the axes. */
const cumsum: tf.GradConfig = {
  kernelName: "Cumsum",
  gradFunc: (dy, _saved, { axis, exclusive, reverse }) => ({
    x: () => tf.cumsum(single(dy), Number(axis), exclusive === true, reverse !== true),
  }),
};

function replaceGradient(kernelName: string, make: (original: tf.GradConfig) => tf.GradConfig): void {
  const original: tf.GradConfig | undefined = tf.getGradient(kernelName);
  if (original === undefined) throw new TypeError(`tensorflow: tfjs has no gradient of ${kernelName} to replace`);
  tf.unregisterGradient(kernelName);
  tf.registerGradient(make(original));
}

/** Registers gradients of ops that move values, which tfjs lacks or computes wrong, for all backends. */
export function registerMissingGradients(): void {
  for (const gradient of [gatherNd, scatterNd, tensorScatterUpdate, depthToSpace]) {
    if (tf.getGradient(gradient.kernelName) === undefined) tf.registerGradient(gradient);
  }
  replaceGradient("MirrorPad", () => mirrorPad);
  replaceGradient("Cumsum", () => cumsum);
  replaceGradient("GatherV2", gather);
}
