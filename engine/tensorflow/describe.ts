import * as tf from "@tensorflow/tfjs-core";
import { type Finding, reasonOf } from "@slomo/core";
import type { TensorflowBinding } from "./binding/binding.ts";
import { locateLibrary } from "./locate.ts";
import { type OpenTensorflow, openTensorflow } from "./open.ts";

const PRODUCT_SIZE = 2048, LARGEST_ERROR = 1e-3;

/** Compares a convolution on the device with plain loops; returns the largest difference relative to the range. */
async function convolutionError(): Promise<number> {
  const size = 8, channels = 4;
  const value = (i: number) => Math.sin(i * 12.9898) * 43758.5453 % 1;
  const x = Float32Array.from({ length: size * size * channels }, (_, i) => value(i));
  const filter = Float32Array.from({ length: 9 * channels * channels }, (_, i) => value(i + 1000));
  const computed = tf.tidy(() =>
    tf.conv2d(tf.tensor4d(x, [1, size, size, channels]), tf.tensor4d(filter, [3, 3, channels, channels]), 1, "valid")
  );
  const values = await computed.data();
  computed.dispose();
  let error = 0, range = 0;
  for (let at = 0; at < values.length; at++) {
    const k = at % channels,
      column = Math.floor(at / channels) % (size - 2),
      row = Math.floor(at / channels / (size - 2));
    let sum = 0;
    for (let tap = 0; tap < 9 * channels; tap++) {
      const dy = Math.floor(tap / channels / 3), dx = Math.floor(tap / channels) % 3, c = tap % channels;
      sum += x[((row + dy) * size + column + dx) * channels + c]! * filter[tap * channels + k]!;
    }
    error = Math.max(error, Math.abs(sum - values[at]!));
    range = Math.max(range, Math.abs(sum));
  }
  return error / range;
}

/** Measures a product of large matrices, after a warm-up, in GFLOP/s. */
async function productRate(): Promise<number> {
  const matrix = tf.ones([PRODUCT_SIZE, PRODUCT_SIZE]);
  let milliseconds = 0;
  for (let i = 0; i < 2; i++) {
    const start = performance.now(), product = tf.matMul(matrix, matrix);
    await tf.tidy(() => tf.sum(product)).data();
    milliseconds = performance.now() - start;
    product.dispose();
  }
  matrix.dispose();
  return 2 * PRODUCT_SIZE ** 3 / 1e6 / milliseconds;
}

function describeGpus({ devices }: TensorflowBinding): Finding {
  const what = "tensorflow GPU", gpus = devices.filter(({ type }) => type === "GPU");
  if (gpus.length === 0) {
    return {
      what,
      state: "missing",
      found: `TensorFlow finds ${devices.map(({ type }) => type).join(", ")} and no GPU`,
      fix:
        "if nvidia-smi lists a GPU, run `deno task setup --cuda`; TF_CPP_MIN_LOG_LEVEL=0 before this command shows " +
        "what TensorFlow cannot load",
    };
  }
  const found = gpus.map(({ name, memory }, i) =>
    `device gpu:${i} (${name.replace(/.*device:/, "")}), ${Math.round(memory / 2 ** 20)} MB`
  );
  return { what, state: "ok", found: found.join("; ") };
}

async function describeArithmetic({ binding, device }: OpenTensorflow): Promise<Finding[]> {
  const type = binding.device.type, correct = `tensorflow on ${type} computes correctly`;
  let error: number, rate: number;
  try {
    await tf.setBackend("tensorflow");
    [error, rate] = [await convolutionError(), await productRate()];
  } catch (thrown) {
    return [{ what: correct, state: "broken", found: reasonOf(thrown), fix: "use device cpu, or update the driver" }];
  }
  return [
    {
      what: correct,
      state: error < LARGEST_ERROR ? "ok" : "broken",
      found: `largest error of a convolution: ${error.toExponential(1)} of its range`,
      fix: error < LARGEST_ERROR
        ? undefined
        : "set NVIDIA_TF32_OVERRIDE=0 so that NVIDIA GPUs compute in float32, or use device cpu",
    },
    {
      what: `tensorflow on ${type} is fast`,
      state: "ok",
      found: `${rate.toFixed(0)} GFLOP/s in a matrix product, ${device}`,
    },
  ];
}

/**
 * Tests TensorFlow for `deno task doctor --gpu`: its library, its GPUs, and the accuracy and speed of its device. Opens the
 * backend and closes it.
 */
export async function describeTensorflow(env: (name: string) => string | undefined): Promise<Finding[]> {
  const what = "tensorflow library";
  let tensorflow: OpenTensorflow | undefined;
  try {
    const { library, source } = locateLibrary(env);
    tensorflow = await openTensorflow({ library });
    const { binding } = tensorflow;
    const found = `${binding.TF_Version} from ${source}, ${library}`;
    return [{ what, state: "ok", found }, describeGpus(binding), ...await describeArithmetic(tensorflow)];
  } catch (error) {
    return [{
      what,
      state: "missing",
      found: reasonOf(error),
      fix: "run `deno task setup`, or `deno task setup --cuda` for an NVIDIA GPU",
    }];
  } finally {
    tensorflow?.close();
  }
}
