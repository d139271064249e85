import type { NamedTensor } from "@slomo/core";
import type { SourceFormat } from "./source_format.ts";
import { isLegacyTorch, isZip, readTorchFile, type TorchTensor, type TorchValue } from "./torch/torch_file.ts";
import { zipNames } from "./npz_format.ts";

/** Returns all tensors by name; names of nested dictionaries are joined by points. */
function flatten(value: ReadonlyMap<string, TorchValue>, prefix = ""): [string, () => NamedTensor][] {
  return [...value].flatMap(([key, item]) =>
    item instanceof Map
      ? flatten(item, `${prefix}${key}.`)
      : [[prefix + key, () => (item as TorchTensor).read()] as [string, () => NamedTensor]]
  );
}

/** Files that `torch.save` writes. */
export const torchFormat: SourceFormat = {
  accepts(bytes) {
    if (!isZip(bytes)) return isLegacyTorch(bytes);
    const names = zipNames(bytes);
    // The list of names is at the end: without it the file is truncated, which reading reports.
    return names.length === 0 || names.some((name) => `/${name}`.endsWith("/data.pkl"));
  },
  open: (bytes, location) => ({
    format: "torch",
    location,
    metadata: {},
    precision: "F32",
    tensors: new Map(flatten(readTorchFile(bytes, location))),
  }),
};
