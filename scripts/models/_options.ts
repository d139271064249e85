import type { OptionTable } from "@slomo/core/options";
import { SHARED_OPTIONS } from "../_options.ts";

/** Options that choose the manifest, whose registries and plugins list models. */
export const MANIFEST_OPTIONS = {
  manifest: {
    ...SHARED_OPTIONS.manifest,
    group: "Other",
    help: "Read the registries and plugins of the manifest FILE",
  },
  allowPlugins: { ...SHARED_OPTIONS.allowPlugins, group: "Other" },
} as const satisfies OptionTable;

/** Option of commands that show models. */
export const JSON_OPTION = {
  json: { ...SHARED_OPTIONS.json, group: "Other", help: "Write the facts to standard output as JSON" },
} as const satisfies OptionTable;
