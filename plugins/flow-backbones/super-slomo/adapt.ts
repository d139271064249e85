import { type NamedTensor, type ParameterSpec, UsageError } from "@slomo/core";
import { deepestOf, find, narrowUNet, type Tensors } from "./narrow.ts";
import { SLOPE } from "./unet.ts";

/** Shape of a convolution filter. */
type FilterShape = readonly [height: number, width: number, inputs: number, outputs: number];

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

function filterShape({ shape }: { readonly shape: readonly number[] }): FilterShape {
  const [height = 1, width = 1, inputs = 1, outputs = 1] = shape;
  return [height, width, inputs, outputs];
}

/** Fills a filter by position, input and output. */
function makeFilter(
  shape: FilterShape,
  valueAt: (y: number, x: number, input: number, output: number) => number,
): NamedTensor {
  const [height, width, inputs, outputs] = shape, values = new Float32Array(sizeOf(shape));
  let i = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let input = 0; input < inputs; input++) {
        for (let output = 0; output < outputs; output++) values[i++] = valueAt(y, x, input, output);
      }
    }
  }
  return { shape, values };
}

/** Returns a value of a filter, 0 outside of it. */
function readerOf(filter: NamedTensor): (y: number, x: number, input: number, output: number) => number {
  const [height, width, inputs, outputs] = filterShape(filter), { values } = filter;
  return (y, x, input, output) =>
    y < 0 || x < 0 || y >= height || x >= width || input >= inputs
      ? 0
      : values[((y * width + x) * inputs + input) * outputs + output]!;
}

/** Returns the largest power of two that divides a kernel's side: kernels are odd, times the reduction of the network. */
const reductionOf = (side: number) => side & -side;

/**
 * Returns the first filter with another kernel and for another reduction: cut or filled with zeros around its middle; from
 * means of blocks of pixels to the pixels, or back.
 */
function fitStem(filter: NamedTensor, [side, , inputs]: FilterShape): NamedTensor {
  const [from, , , outputs] = filterShape(filter), before = reductionOf(from), after = reductionOf(side);
  const read = readerOf(filter), blocks = from / before, shift = (blocks - side / after) / 2;
  // The filter of a network that sees one mean of each block.
  const reduced = makeFilter([blocks, blocks, inputs, outputs], (y, x, input, output) => {
    let sum = 0;
    for (let dy = 0; dy < before; dy++) {
      for (let dx = 0; dx < before; dx++) sum += read(y * before + dy, x * before + dx, input, output);
    }
    return sum;
  });
  const readReduced = readerOf(reduced);
  return makeFilter(
    [side, side, inputs, outputs],
    (y, x, input, output) =>
      readReduced(Math.floor(y / after) + shift, Math.floor(x / after) + shift, input, output) / after ** 2,
  );
}

/** Returns a filter with another kernel: cut or filled with zeros around its middle. */
function fitKernel(filter: NamedTensor, side: number): NamedTensor {
  const [from, , inputs, outputs] = filterShape(filter), read = readerOf(filter), shift = (from - side) / 2;
  return makeFilter([side, side, inputs, outputs], (y, x, ...rest) => read(y + shift, x + shift, ...rest));
}

/**
 * Returns the last layer for blocks of pixels of another size: each pixel of a block is the mean of those before.
 *
 * @param outputs Outputs for one pixel.
 */
function fitHead({ shape, values }: NamedTensor, outputs: number, count: number): NamedTensor {
  const from = shape.at(-1)!, blocks = from / outputs, rows = values.length / from;
  const fitted = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) {
    for (let output = 0; output < count; output++) {
      let sum = 0;
      for (let block = 0; block < blocks; block++) sum += values[row * from + block * outputs + output % outputs]!;
      fitted[row * count + output] = sum / blocks;
    }
  }
  return { shape: [...shape.slice(0, -1), count], values: fitted };
}

/** Returns pseudorandom numbers in [−1, 1) that depend on a name only. */
function randomOf(name: string): () => number {
  let state = [...name].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16777619), 2166136261) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/**
 * Returns a layer with more channels. What it computed stays the same: old outputs do not read new inputs, new outputs are
 * random functions of all inputs.
 */
function widen(name: string, { shape, values }: NamedTensor, to: readonly number[]): NamedTensor {
  if (shape.join() === to.join()) return { shape, values };
  const outputs = shape.at(-1)!, wide = to.at(-1)!;
  if (shape.length === 1) {
    const filled = new Float32Array(wide);
    filled.set(values);
    return { shape: to, values: filled };
  }
  const [height, width, inputs] = filterShape({ shape }), [, , wideInputs] = filterShape({ shape: to });
  // The second convolution of a decoder reads two features of the same number of channels.
  const parts = /^decoder\.\d+\.conv2/.test(name) ? 2 : 1, few = inputs / parts, many = wideInputs / parts;
  const read = readerOf({ shape, values }), random = randomOf(name);
  const spread = Math.sqrt(6 / ((1 + SLOPE ** 2) * height * width * wideInputs));
  return makeFilter([height, width, wideInputs, wide], (y, x, input, output) => {
    const value = spread * random(), part = Math.floor(input / many), own = input % many;
    if (output >= outputs) return value;
    return own < few ? read(y, x, part * few + own, output) : 0;
  });
}

/** Renames decoders, which count from the coarsest hierarchy, and omits hierarchies that are not needed. */
function withDepth(tensors: Tensors, deepest: number): Tensors {
  const from = deepestOf(tensors.keys());
  if (from < deepest) {
    throw new UsageError(
      `super-slomo: the weights have ${from + 1} hierarchies, ${
        deepest + 1
      } cannot be made of them; use fewer \`channels\``,
      { code: "weights-mismatch" },
    );
  }
  return new Map([...tensors].flatMap(([name, tensor]): [string, NamedTensor][] => {
    const [, part, index, rest] = /^(encoder|decoder)\.(\d+)\.(.*)$/.exec(name) ?? [];
    if (part === undefined) return [[name, tensor]];
    const i = Number(index), renamed = part === "encoder" ? i : i - (from - deepest);
    return renamed < 0 || part === "encoder" && i > deepest ? [] : [[`${part}.${renamed}.${rest}`, tensor]];
  }));
}

/**
 * Derives the parameters of a UNet from those of another one, as a start for training: kernels are cut or filled around
 * their middle, inputs and hierarchies that are left over are dropped, a network at the size of the frames becomes one at a
 * lower resolution that computes what it computed on smaller frames, and of convolutions with fewer channels the strongest
 * are kept. More channels and inputs change nothing at first.
 *
 * @param tensors Parameters of the other network, by the names of `unetParameters`.
 * @param specs The parameters to derive.
 * @param outputs Outputs of the network for one pixel.
 * @throws {UsageError} If tensors are missing or have fewer hierarchies.
 */
export function adaptUNet(
  tensors: Tensors,
  specs: readonly ParameterSpec[],
  outputs: number,
): ReadonlyMap<string, NamedTensor> {
  const given = withDepth(tensors, deepestOf(specs.map(({ name }) => name)));
  const fitted = new Map(specs.map(({ name, shape }): [string, NamedTensor] => {
    const tensor = find(given, name);
    if (name.startsWith("output.")) return [name, fitHead(tensor, outputs, shape.at(-1)!)];
    if (shape.length === 1) return [name, tensor];
    return [
      name,
      name === "encoder.0.conv1.weight" ? fitStem(tensor, filterShape({ shape })) : fitKernel(tensor, shape[0]!),
    ];
  }));
  const narrow = specs.map(({ name, shape, init }) => {
    const from = fitted.get(name)!.shape;
    return { name, init, shape: shape.map((length, i) => Math.min(length, from[i] ?? length)) };
  });
  return new Map([...narrowUNet(fitted, narrow)].map(([name, tensor]) => {
    return [name, widen(name, tensor, specs.find((spec) => spec.name === name)!.shape)];
  }));
}
