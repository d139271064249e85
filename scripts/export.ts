/** `deno task export`: the networks as an ONNX model, for who runs them elsewhere. */
import { UsageError } from "@slomo/core";
import { writeFileAtomic } from "@slomo/core/files";
import { exportModel, type FrameSize } from "@slomo/onnx";
import config from "../deno.json" with { type: "json" };
import { runScript, type Task } from "./_cli.ts";
import { helpText, numberIn, parseOptions } from "./_options.ts";
import { checkTarget } from "./_target.ts";
import { openToolkit, openWeightsFile } from "./_toolkit.ts";

const TABLE = {
  out: { value: "FILE.onnx", help: "Where the model goes." },
  size: { value: "WxH", help: "For frames of this size alone: exact, and what some runtimes want." },
  dynamic: { help: "For frames of any size, padded within the model. The default." },
  model: { value: "NAME", help: "One of the manifest's models: fast or best." },
  weights: { value: "FILE", help: "Weights; the manifest's by default." },
  manifest: { value: "FILE", help: "Manifest; slomo.json by default." },
  "allow-plugins": {
    help: "Load plugins from elsewhere that are not in the lock file yet; they can do whatever slomo can.",
  },
  "flow-scale": {
    value: "S",
    help: "Size at which flow is found over the frames' size, above 0, at most 1; needs --size.",
  },
  overwrite: { help: "Replace FILE.onnx where it exists." },
  help: { help: "This text." },
} as const;

const HELP = helpText(
  "deno task export --out FILE.onnx [options]",
  "Writes the networks as one ONNX model: first and second frame and a time in, the frame at that time out.",
  TABLE,
);

function parseSize(text: string | undefined): FrameSize | undefined {
  if (text === undefined) return undefined;
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text) ?? [];
  if (width && height) return { width: Number(width), height: Number(height) };
  throw new UsageError(`--size must be width and height in pixels, for example 1280x720, got "${text}"`);
}

/** The task `export`. */
export const exportTask: Task = async (args, io) => {
  const { options, rest } = parseOptions(args, TABLE);
  if (options.help) return io.out(HELP);
  if (rest.length > 0) throw new UsageError(`export takes options alone, got "${rest[0]}"; see --help`);
  const { out } = options, size = parseSize(options.size);
  if (out === undefined) throw new UsageError("export needs --out FILE.onnx; see --help");
  if (size && options.dynamic) throw new UsageError("--size and --dynamic exclude each other; give one");
  const flowScale = numberIn("flow-scale", options["flow-scale"], 0.01, 1) ?? 1;
  if (flowScale < 1 && !size) throw new UsageError("--flow-scale ties the model to one size; give --size too");
  await checkTarget(out, options.overwrite === true);
  const toolkit = await openToolkit({ ...options, allowPlugins: options["allow-plugins"] });
  const weights = await openWeightsFile(toolkit.manifest, options.weights);
  const bytes = await exportModel({ toolkit, weights, flowScale, size, version: config.version });
  await writeFileAtomic(out, bytes);
  io.out(`${out}: frames of ${size ? options.size : "any size"}, ${(bytes.length / 2 ** 20).toFixed(1)} MiB`);
};

if (import.meta.main) await runScript(exportTask);
