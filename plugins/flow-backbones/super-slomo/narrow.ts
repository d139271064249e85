import { type NamedTensor, type ParameterSpec, UsageError } from "@slomo/core";

/** Tensors of a UNet by the names of `unetParameters`. */
export type Tensors = ReadonlyMap<string, NamedTensor>;

/** A convolution that reads the channels of another one, from channel `offset` of its inputs on. */
interface Reader {
  readonly layer: string;
  readonly offset: number;
}

/** Returns a filter as values [position, input, output]. */
interface Filter {
  readonly places: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly values: Float32Array;
}

/** Returns a tensor. @throws {UsageError} If there is none of that name. */
export function find(tensors: Tensors, name: string): NamedTensor {
  const tensor = tensors.get(name);
  if (tensor) return tensor;
  throw new UsageError(`super-slomo: the weights have no tensor "${name}", so they are for another network`, {
    code: "weights-mismatch",
  });
}

function filterOf(tensors: Tensors, layer: string): Filter {
  const { shape, values } = find(tensors, `${layer}.weight`);
  const [height = 0, width = 0, inputs = 0, outputs = 0] = shape;
  return { places: height * width, inputs, outputs, values };
}

/** Returns the index of the coarsest hierarchy of a UNet with these tensors or parameters. */
export function deepestOf(names: Iterable<string>): number {
  return Math.max(0, ...[...names].map((name) => Number(/^encoder\.(\d+)\./.exec(name)?.[1] ?? 0)));
}

/** Returns the convolutions that read the channels of each convolution, in the order of the UNet. */
function readersOf(tensors: Tensors): ReadonlyMap<string, readonly Reader[]> {
  const readers = new Map<string, Reader[]>(), deepest = deepestOf(tensors.keys());
  const read = (from: string, layer: string, offset = 0) => {
    readers.set(from, [...readers.get(from) ?? [], { layer, offset }]);
  };
  for (let i = 0; i <= deepest; i++) {
    read(`encoder.${i}.conv1`, `encoder.${i}.conv2`);
    if (i < deepest) read(`encoder.${i}.conv2`, `encoder.${i + 1}.conv1`);
  }
  read(`encoder.${deepest}.conv2`, "decoder.0.conv1");
  for (let j = 0; j < deepest; j++) {
    read(`decoder.${j}.conv1`, `decoder.${j}.conv2`);
    read(`encoder.${deepest - 1 - j}.conv2`, `decoder.${j}.conv2`, filterOf(tensors, `decoder.${j}.conv1`).outputs);
    read(`decoder.${j}.conv2`, j + 1 < deepest ? `decoder.${j + 1}.conv1` : "output");
  }
  return readers;
}

/** Returns Σ w² over all values of a filter, by output or by input. */
function squares({ inputs, outputs, values }: Filter, by: "input" | "output"): Float64Array {
  const sums = new Float64Array(by === "output" ? outputs : inputs);
  values.forEach((value, i) =>
    sums[by === "output" ? i % outputs : Math.floor(i / outputs) % inputs]! += value * value
  );
  return sums;
}

/** Returns the `count` channels of a convolution with the largest weights, in its filter and in the filters that read them; ascending. */
function strongest(tensors: Tensors, layer: string, readers: readonly Reader[], count: number): number[] {
  const own = squares(filterOf(tensors, layer), "output"), readBy = new Float64Array(own.length);
  for (const reader of readers) {
    const read = squares(filterOf(tensors, reader.layer), "input");
    readBy.forEach((_, channel) => readBy[channel]! += read[reader.offset + channel]!);
  }
  const order = Array.from(own, (_, channel) => channel)
    .sort((a, b) => own[b]! * readBy[b]! - own[a]! * readBy[a]! || a - b);
  return order.slice(0, count).sort((a, b) => a - b);
}

function take(filter: Filter, inputs: readonly number[], outputs: readonly number[]): Float32Array {
  const taken = new Float32Array(filter.places * inputs.length * outputs.length);
  let i = 0;
  for (let place = 0; place < filter.places; place++) {
    for (const input of inputs) {
      const row = (place * filter.inputs + input) * filter.outputs;
      for (const output of outputs) taken[i++] = filter.values[row + output]!;
    }
  }
  return taken;
}

const all = (count: number) => Array.from({ length: count }, (_, channel) => channel);

/**
 * Derives a narrower UNet from a trained one, as a start for training: keeps the channels of each convolution with the
 * largest weights (L2 norm of their filters times that of the filters that read them).
 *
 * @param tensors Parameters of the trained UNet, by the names of `unetParameters`.
 * @param specs Parameters of the narrower UNet.
 * @throws {UsageError} If the tensors are for another network, a narrower one, or one with other kernels, inputs or
 * outputs.
 */
export function narrowUNet(tensors: Tensors, specs: readonly ParameterSpec[]): Map<string, NamedTensor> {
  const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
  const readers = readersOf(tensors), kept = new Map<string, number[]>();
  for (const [layer, readBy] of readers) {
    const [wanted] = shapes.get(`${layer}.bias`)!, { outputs } = filterOf(tensors, layer);
    if (wanted! > outputs) {
      throw new UsageError(`super-slomo: ${layer} has ${outputs} channels, fewer than the ${wanted} of the new width`, {
        code: "weights-mismatch",
      });
    }
    kept.set(layer, strongest(tensors, layer, readBy, wanted!));
  }
  const inputsOf = new Map<string, number[]>();
  const byOffset = [...readers].flatMap(([from, readBy]) => readBy.map((reader) => ({ ...reader, from })))
    .sort((a, b) => a.offset - b.offset);
  for (const { layer, offset, from } of byOffset) {
    inputsOf.set(layer, [...inputsOf.get(layer) ?? [], ...kept.get(from)!.map((channel) => channel + offset)]);
  }
  const narrow = new Map<string, NamedTensor>();
  for (const layer of [...readers.keys(), "output"]) {
    const filter = filterOf(tensors, layer), outputs = kept.get(layer) ?? all(filter.outputs);
    const bias = find(tensors, `${layer}.bias`).values;
    const weight = take(filter, inputsOf.get(layer) ?? all(filter.inputs), outputs);
    for (const [kind, values] of [["weight", weight], ["bias", Float32Array.from(outputs, (i) => bias[i]!)]] as const) {
      const name = `${layer}.${kind}`, shape = shapes.get(name)!;
      if (values.length !== shape.reduce((product, length) => product * length, 1)) {
        throw new UsageError(
          `super-slomo: "${name}" is [${find(tensors, name).shape.join(", ")}] and cannot become [${
            shape.join(", ")
          }]; ` +
            "kernels, inputs and outputs must be the same",
          { code: "weights-mismatch" },
        );
      }
      narrow.set(name, { shape, values });
    }
  }
  return narrow;
}
