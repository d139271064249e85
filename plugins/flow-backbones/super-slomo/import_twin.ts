import { type ImportedWeights, type ModelFile, type NamedTensor, UsageError, type WeightsImporter } from "@slomo/core";
import defer * as ops from "@slomo/ops";
import { z } from "zod";

/** Value of `format` in the metadata of the twin's weights. */
const FORMAT = "slomo-pytorch-twin";

const numbers = z.string().transform((text) => text.split(",").map(Number)).pipe(z.array(z.number()));

/** Metadata that determines the computation of the network. Other values belong to networks that slomo cannot compute. */
const metadataSchema = z.object({
  format: z.literal(FORMAT),
  architecture: z.literal("super-slomo"),
  layout: z.literal("OIHW"),
  width: z.coerce.number().positive(),
  kernels: numbers.pipe(z.tuple([z.number(), z.number(), z.literal(3), z.literal(3), z.literal(3), z.literal(3)])),
  leakyReluAlpha: z.literal("0.1"),
  flowScale: z.coerce.number().positive(),
  flowLevels: numbers,
  upsampling: z.literal("bilinear x2 half-pixel"),
  interpolationInput: z.literal("I0,I1,g(I0,Ft0),g(I1,Ft1),Ft0/flowScale,Ft1/flowScale"),
  interpolationOutput: z.literal("dFt0,dFt1 (times flowScale),logit V(t<-0)"),
  pixelRange: numbers.pipe(z.tuple([z.number(), z.number()])),
  mean: z.literal("0"),
});

function parseMetadata({ metadata, location }: ModelFile): z.infer<typeof metadataSchema> {
  const result = metadataSchema.safeParse(metadata);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const key = String(path[0]);
  throw new UsageError(
    `${location}: its metadata says ${key} "${metadata[key]}", which cannot be converted: ${message}`,
    { code: "unsupported-model" },
  );
}

function importTensors({ tensors }: ModelFile, prefix: string): Map<string, NamedTensor> {
  const names = [...tensors.keys()].filter((name) => name.startsWith(prefix));
  return new Map(names.map((name) => {
    const tensor = tensors.get(name)!();
    return [name, tensor.shape.length === 4 ? ops.hwioFromOihw(tensor) : tensor];
  }));
}

function importer(prefix: string, part: "flowEstimator" | "interpolator"): WeightsImporter {
  return {
    description: `safetensors with "format": "${FORMAT}" in their metadata`,
    convert(file): ImportedWeights | undefined {
      if (file.metadata["format"] !== FORMAT) return undefined;
      const { width, kernels: [firstKernel, secondKernel], flowScale, flowLevels, pixelRange } = parseMetadata(file);
      const unet = { width, firstKernel, secondKernel, flowScale, flowActivation: "linear" };
      const own = part === "flowEstimator" ? { flowLevels } : { interpolationInput: "paper" };
      return {
        options: { ...unet, ...own },
        tensors: importTensors(file, prefix),
        facts: { pixelRange, mean: [0, 0, 0] },
      };
    },
  };
}

/** Importers of the safetensors that the PyTorch twin of the two UNets writes: slomo's names, filters OIHW. */
export const pytorchTwin: Readonly<Record<"flowEstimator" | "interpolator", WeightsImporter>> = {
  flowEstimator: importer("flow.", "flowEstimator"),
  interpolator: importer("interpolation.", "interpolator"),
};
