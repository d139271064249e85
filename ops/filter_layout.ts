/** Values and shape of a convolution filter, outside of any backend. */
interface Filter {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * Converts a convolution filter from PyTorch's layout [output, input, height, width] to TensorFlow's [height, width,
 * input, output].
 *
 * @throws {RangeError} If the filter does not have four axes.
 */
export function hwioFromOihw({ shape, values }: Filter): Filter {
  const [outputs, inputs, height, width] = shape;
  if (shape.length !== 4 || !outputs || !inputs || !height || !width) {
    throw new RangeError(`hwioFromOihw: a filter has four axes, got [${shape.join(", ")}]`);
  }
  const converted = new Float32Array(values.length), area = height * width;
  for (let o = 0, from = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let place = 0; place < area; place++) converted[(place * inputs + i) * outputs + o] = values[from++]!;
    }
  }
  return { shape: [height, width, inputs, outputs], values: converted };
}
