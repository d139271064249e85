import { z } from "zod";
import type { WeightsFacts } from "@slomo/core";
import { UsageError } from "@slomo/core";
import { openSafetensors, tensorValues } from "../safetensors.ts";
import { hwioFromOihw } from "./filter_layout.ts";
import { safetensorsMetadata } from "./safetensors_metadata.ts";
import type { SourceFormat } from "./source_format.ts";

/** What the twin's metadata says under `format`. */
const FORMAT = "slomo-pytorch-twin";

const numbers = z.string().transform((text) => text.split(",").map(Number)).pipe(z.array(z.number()));

/** The twin's metadata, as far as it decides what the network computes; other values are for networks that slomo has not. */
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

function factsOf(metadata: Readonly<Record<string, string>>, location: string): WeightsFacts {
  const result = metadataSchema.safeParse(metadata);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    const key = String(path[0]);
    throw new UsageError(
      `${location}: its metadata says ${key} "${metadata[key]}", which cannot be converted: ${message}`,
    );
  }
  const { width, kernels: [firstKernel, secondKernel], flowScale, flowLevels, pixelRange } = result.data;
  const unet = { width, firstKernel, secondKernel, flowScale, flowActivation: "linear" };
  return {
    version: 1,
    flowEstimator: { name: "super-slomo", options: { ...unet, flowLevels } },
    interpolator: { name: "super-slomo", options: { ...unet, interpolationInput: "paper" } },
    pixelRange,
    mean: [0, 0, 0],
  };
}

/** Safetensors written by the PyTorch twin of the two UNets: slomo's names, filters OIHW. */
export const pytorchTwin: SourceFormat = {
  description: `safetensors with "format": "${FORMAT}" in their metadata`,
  accepts: (bytes) => safetensorsMetadata(bytes)?.["format"] === FORMAT,
  read(bytes, location) {
    const file = openSafetensors(bytes, location);
    const entries = [...file.tensors.values()];
    const tensors = new Map(entries.map((entry) => {
      const tensor = { shape: entry.shape, values: tensorValues(file, entry) };
      return [entry.name, entry.shape.length === 4 ? hwioFromOihw(tensor) : tensor];
    }));
    const precision = entries.every(({ precision }) => precision === "F16") ? "F16" : "F32";
    return { facts: factsOf(file.metadata, location), tensors, precision };
  },
};
