import type { NamedTensor } from "@slomo/core";

/**
 * A convolution filter [output, input, height, width] as [height, width, input, output].
 *
 * @throws {RangeError} If it has not four axes.
 */
export function hwioFromOihw({ shape, values }: NamedTensor): NamedTensor {
  const [outputs, inputs, height, width] = shape;
  if (shape.length !== 4 || !outputs || !inputs || !height || !width) {
    throw new RangeError(`hwioFromOihw: a filter has four axes, got [${shape.join(", ")}]`);
  }
  const turned = new Float32Array(values.length), area = height * width;
  for (let o = 0, from = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let place = 0; place < area; place++) turned[(place * inputs + i) * outputs + o] = values[from++]!;
    }
  }
  return { shape: [height, width, inputs, outputs], values: turned };
}
