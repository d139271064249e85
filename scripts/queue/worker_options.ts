import type { OptionTable } from "@slomo/core/options";
import { withFlags } from "../_options.ts";
import { INTERPOLATE } from "../interpolate/options.ts";

/** Options that only workers have. */
export const WORKER_OPTIONS = {
  allowRoot: {
    ...{ kind: "path", value: "DIR", group: "Worker" },
    help: "Read and write videos in DIR only, such as /videos or s3://BUCKET/PREFIX; several are separated by commas",
  },
  name: {
    ...{ kind: "text", value: "NAME", group: "Worker", default: "host and process" },
    help: "Name the worker in the progress of its videos",
  },
  lock: {
    ...{ kind: "number", min: 1, max: 86_400, value: "SECONDS", group: "Worker", default: "30" },
    help: "Give segments of a worker that does not answer for SECONDS to another worker",
  },
  scanOnly: {
    ...{ kind: "switch", group: "Worker" },
    help:
      "Only scan long videos for scene cuts and duplicate frames, before they are planned; needs no model and no GPU",
  },
  once: { kind: "switch", group: "Worker", help: "End when the queue is empty" },
} as const satisfies OptionTable;

const ALL: OptionTable = { ...INTERPOLATE.options, ...WORKER_OPTIONS };

/** Replaces options in backticks by flags, in messages of workers, which name options of workers and of submitters. */
export const inFlags = (message: string): string => withFlags(message, ALL);
