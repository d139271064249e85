import * as tf from "@tensorflow/tfjs-core";

/** `dy` of `scatterND` or the like as one tensor; these ops have one output. */
const single = (dy: tf.Tensor | tf.Tensor[]): tf.Tensor => {
  if (Array.isArray(dy)) throw new TypeError("tensorflow: an op with one output has one gradient");
  return dy;
};

/** The saved tensor `i`, which tfjs gives as the gradient's configuration says. */
const kept = (saved: readonly tf.Tensor[], i: number): tf.Tensor => {
  const tensor = saved[i];
  if (tensor === undefined) throw new TypeError("tensorflow: a tensor that a gradient needs was not saved");
  return tensor;
};

/** Positions have no gradient; tfjs wants floats in its place. */
const none = (indices: tf.Tensor) => (): tf.Tensor => tf.zeros(indices.shape);

const gatherNd: tf.GradConfig = {
  kernelName: "GatherNd",
  inputsToSave: ["params", "indices"],
  gradFunc: (dy, saved) => {
    const params = kept(saved, 0), indices = kept(saved, 1);
    return { params: () => tf.scatterND(indices, single(dy), params.shape), indices: none(indices) };
  },
};

const scatterNd: tf.GradConfig = {
  kernelName: "ScatterNd",
  inputsToSave: ["indices"],
  gradFunc: (dy, saved) => {
    const indices = kept(saved, 0);
    return { updates: () => tf.gatherND(single(dy), indices), indices: none(indices) };
  },
};

const tensorScatterUpdate: tf.GradConfig = {
  kernelName: "TensorScatterUpdate",
  inputsToSave: ["indices", "updates"],
  gradFunc: (dy, saved) => {
    const indices = kept(saved, 0), updates = kept(saved, 1);
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
    const { shape } = kept(saved, 0), block = Number(attributes.blockSize);
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

/** tfjs-core's own hands the indices back as their gradient and is then refused for giving integers. */
function gather(original: tf.GradConfig): tf.GradConfig {
  return {
    ...original,
    gradFunc: (dy, saved, attributes) => ({
      ...original.gradFunc(dy, saved, attributes),
      indices: none(kept(saved, 1)),
    }),
  };
}

/** Gives tfjs the gradients of ops that move values about, which it lacks or has wrong. They hold on every backend. */
export function registerMissingGradients(): void {
  for (const gradient of [gatherNd, scatterNd, tensorScatterUpdate, depthToSpace]) {
    if (tf.getGradient(gradient.kernelName) === undefined) tf.registerGradient(gradient);
  }
  const original: tf.GradConfig | undefined = tf.getGradient("GatherV2");
  if (original === undefined) throw new TypeError("tensorflow: tfjs has no gradient of GatherV2 to build on");
  tf.unregisterGradient("GatherV2");
  tf.registerGradient(gather(original));
}
