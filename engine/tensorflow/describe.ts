import * as tf from "@tensorflow/tfjs-core";
import type { Finding } from "@slomo/core";
import { reasonOf } from "@slomo/core";
import type { TensorflowBinding } from "./binding/binding.ts";
import { locateLibrary } from "./locate.ts";
import { type OpenTensorflow, openTensorflow } from "./open.ts";

const PRODUCT_SIZE = 2048, LARGEST_ERROR = 1e-3;

/** A convolution, one multiplication at a time, against the device's: the largest difference over the range. */
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

/** Billions of multiplications and additions a second in a product of large matrices, after one to warm up. */
async function productRate(): Promise<number> {
  const matrix = tf.ones([PRODUCT_SIZE, PRODUCT_SIZE]);
  let milliseconds = 0;
  for (let i = 0; i < 2; i++) {
    const begun = performance.now(), product = tf.matMul(matrix, matrix);
    await tf.tidy(() => tf.sum(product)).data();
    milliseconds = performance.now() - begun;
    product.dispose();
  }
  matrix.dispose();
  return 2 * PRODUCT_SIZE ** 3 / 1e6 / milliseconds;
}

function describeCards({ devices }: TensorflowBinding): Finding {
  const what = "tensorflow GPU", cards = devices.filter(({ type }) => type === "GPU");
  if (cards.length === 0) {
    return {
      what,
      state: "missing",
      found: `TensorFlow sees ${devices.map(({ type }) => type).join(", ")} and no GPU`,
      fix: "with an NVIDIA card and its driver (nvidia-smi lists it): deno task setup --cuda; TF_CPP_MIN_LOG_LEVEL=0 " +
        "before this command shows what TensorFlow misses",
    };
  }
  const found = cards.map(({ name, memory }, i) =>
    `--device gpu:${i} (${name.replace(/.*device:/, "")}), ${Math.round(memory / 2 ** 20)} MB`
  );
  return { what, state: "ok", found: found.join("; ") };
}

async function describeArithmetic({ binding, device }: OpenTensorflow): Promise<Finding[]> {
  const where = binding.device.type, right = `tensorflow on ${where} computes right`;
  let error: number, rate: number;
  try {
    await tf.setBackend("tensorflow");
    [error, rate] = [await convolutionError(), await productRate()];
  } catch (thrown) {
    return [{ what: right, state: "broken", found: reasonOf(thrown), fix: "use --device cpu, or update the driver" }];
  }
  return [
    {
      what: right,
      state: error < LARGEST_ERROR ? "ok" : "broken",
      found: `a convolution is off by ${error.toExponential(1)} of its range`,
      fix: error < LARGEST_ERROR
        ? undefined
        : "NVIDIA_TF32_OVERRIDE=0 makes NVIDIA's cards compute in whole float32; --device cpu does without the card",
    },
    {
      what: `tensorflow on ${where} is fast`,
      state: "ok",
      found: `${rate.toFixed(0)} GFLOP/s in a matrix product, ${device}`,
    },
  ];
}

/**
 * What `deno task doctor --gpu` says of TensorFlow: its library, its cards, whether its device computes right and how
 * fast. Opens the backend and closes it again.
 */
export async function describeTensorflow(env: (name: string) => string | undefined): Promise<Finding[]> {
  const what = "tensorflow library";
  let tensorflow: OpenTensorflow | undefined;
  try {
    const { library, source } = locateLibrary(env);
    tensorflow = await openTensorflow({ library });
    const { binding } = tensorflow;
    const found = `${binding.TF_Version} from ${source}, ${library}`;
    return [{ what, state: "ok", found }, describeCards(binding), ...await describeArithmetic(tensorflow)];
  } catch (error) {
    return [{
      what,
      state: "missing",
      found: reasonOf(error),
      fix: "deno task setup, or deno task setup --cuda for a card",
    }];
  } finally {
    tensorflow?.close();
  }
}
