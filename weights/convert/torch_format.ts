import { UsageError } from "@slomo/core";
import type { SourceFormat } from "./source_format.ts";
import { superSlomoCheckpoint } from "./super_slomo_ckpt.ts";
import { isLegacyTorch, isZip, readTorchFile, type TorchTensor, type TorchValue } from "./torch/torch_file.ts";
import { zipNames } from "./zip_names.ts";
import { vggModel } from "./vgg/vgg_model.ts";

/** All tensors by name, those in dictionaries with a point between. */
function flat(value: ReadonlyMap<string, TorchValue>, prefix = ""): [string, TorchTensor][] {
  return [...value].flatMap(([key, item]) =>
    item instanceof Map
      ? flat(item, `${prefix}${key}.`)
      : [[prefix + key, item as TorchTensor] as [string, TorchTensor]]
  );
}

/** What `torch.save` writes: VGG16 or VGG19 of torchvision, or a checkpoint of Super SloMo's PyTorch port. */
export const torchFormat: SourceFormat = {
  description: "PyTorch's .pth of VGG16 or VGG19, and SuperSloMo.ckpt of the PyTorch port",
  accepts(bytes) {
    if (!isZip(bytes)) return isLegacyTorch(bytes);
    const names = zipNames(bytes);
    // The list of names stands at the end: without it the file is truncated, which reading will say.
    return names.length === 0 || names.some((name) => `/${name}`.endsWith("/data.pkl"));
  },
  read(bytes, location) {
    const file = readTorchFile(bytes, location);
    const checkpoint = superSlomoCheckpoint(file, location);
    if (checkpoint) return checkpoint;
    const tensors = flat(file),
      model = vggModel(new Map(tensors.map(([name, tensor]) => [name, () => tensor.read()])), location);
    if (model) return model;
    const names = tensors.slice(0, 3).map(([name]) => `"${name}"`).join(", ");
    throw new UsageError(
      `${location} is PyTorch's and holds ${tensors.length} tensors (${names || "none"}); known are VGG16, VGG19 ` +
        "and SuperSloMo.ckpt",
    );
  },
};
