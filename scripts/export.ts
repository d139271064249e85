/** `deno task export`: exports the networks as an ONNX model. */
import { UsageError } from "@slomo/core";
import type { OptionTable } from "@slomo/core/options";
import { writeFileAtomic } from "@slomo/core/files";
import { exportModel, type FrameSize } from "@slomo/onnx";
import config from "./deno.json" with { type: "json" };
import { runScript, type Task, type TaskIo } from "./_cli.ts";
import { parseOptionsOnly } from "./_command.ts";
import { type CommandDefinition, SHARED_OPTIONS } from "./_options.ts";
import { checkTarget } from "./_target.ts";
import { openModel, openToolkit } from "./_toolkit.ts";

const OPTIONS = {
  out: { kind: "path", value: "FILE.onnx", group: "Output", help: "Write the model to FILE.onnx; required" },
  size: {
    ...{ kind: "text", value: "WxH", group: "Output", excludes: ["dynamic"] },
    help: "Export for frames of W by H pixels only: exact, and required by some runtimes",
  },
  dynamic: {
    ...{ kind: "switch", group: "Output" },
    help: "Export for frames of any size, which the model pads",
    default: "unless `size` is given",
  },
  overwrite: SHARED_OPTIONS.overwrite,
  model: SHARED_OPTIONS.model,
  weights: SHARED_OPTIONS.weights,
  manifest: SHARED_OPTIONS.manifest,
  allowPlugins: SHARED_OPTIONS.allowPlugins,
  flowScale: {
    ...{ kind: "number", min: 0.01, max: 1, value: "S", group: "Model and backend", default: "1" },
    help: "Estimate optical flow at S of the frame size; requires `size`",
  },
} as const satisfies OptionTable;

const EXPORT: CommandDefinition<typeof OPTIONS> = {
  name: "export",
  usage: ["--out FILE.onnx [options]"],
  about:
    "Exports the networks as one ONNX model for other programs. Inputs are two frames and a time between them; the " +
    "output is the frame at that time. See docs/onnx.md.",
  options: OPTIONS,
};

function parseSize(text: string | undefined): FrameSize | undefined {
  if (text === undefined) return undefined;
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text) ?? [];
  if (width && height) return { width: Number(width), height: Number(height) };
  throw new UsageError(`\`size\` must be width and height in pixels, such as 1280x720, got "${text}"`, {
    option: "size",
  });
}

async function exportNetworks(args: readonly string[], io: TaskIo): Promise<void> {
  const values = parseOptionsOnly(EXPORT, args, io);
  if (values === undefined) return;
  const { out, flowScale = 1 } = values, size = parseSize(values.size);
  if (out === undefined) throw new UsageError("export needs --out FILE.onnx; see --help", { option: "out" });
  if (flowScale < 1 && !size) {
    throw new UsageError("`flowScale` ties the model to one size; give `size` too", { option: "flowScale" });
  }
  await checkTarget(out, values.overwrite);
  const { toolkit, weights } = await openModel(await openToolkit(values), values.weights);
  const bytes = await exportModel({ toolkit, weights, flowScale, size, version: config.version });
  await writeFileAtomic(out, bytes);
  io.out(`${out}: frames of ${size ? values.size : "any size"}, ${(bytes.length / 2 ** 20).toFixed(1)} MiB`);
}

/** The task `export`. */
export const exportTask: Task = { commands: [EXPORT], run: exportNetworks };

if (import.meta.main) await runScript(exportTask);
