import type { DeviceChoice } from "@slomo/engine";
import { z } from "zod";

const text = z.string(), number = z.number();
const candidate = z.object({ backend: text, device: text });
/** The file of a choice. */
export const schema: z.ZodType<DeviceChoice> = z.object({
  key: z.object({
    ...{ adapter: text, vendor: text, driver: text, model: text, size: text, flowScale: number },
    ...{ precision: z.enum(["float32", "float16", "bfloat16"]), threads: number, candidates: text, version: text },
  }),
  networks: text,
  results: z.array(z.union([
    candidate.extend({ failure: text }),
    candidate.extend({
      difference: z.object({ largest: number, mean: number }),
      milliseconds: z.object({ device: number, cpu: number }).optional(),
    }),
  ])).min(1),
  isChosen: z.boolean(),
});
