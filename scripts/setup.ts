/** `deno task setup`: downloads or finds TensorFlow's native library. */
import { JobError } from "@slomo/core";
import type { OptionTable } from "@slomo/core/options";
import { cacheFolder } from "@slomo/downloads";
import { runScript, type Task, type TaskIo } from "./_cli.ts";
import { createReporter } from "./_download_reporter.ts";
import { parseOptionsOnly } from "./_command.ts";
import type { CommandDefinition } from "./_options.ts";
import { removeTensorflow, setUpTensorflow } from "./setup/set_up_tensorflow.ts";

const OPTIONS = {
  libtensorflow: { kind: "path", value: "DIR", help: "Use the libtensorflow in DIR, version 2.16 or newer" },
  cuda: {
    ...{ kind: "switch" },
    help: "Download the build for NVIDIA GPUs with CUDA 12 and cuDNN 9 (3.4 GB) instead of the one for CPUs",
  },
  remove: { kind: "switch", help: "Remove everything that setup has downloaded" },
} as const satisfies OptionTable;

const SETUP: CommandDefinition<typeof OPTIONS> = {
  name: "setup",
  usage: ["[options]"],
  about: "Sets up the backend tensorflow, which is the fastest for training. The native library comes from " +
    "--libtensorflow, from the active Python environment, or from PyPI (274 MB to download, 853 MB unpacked), and is kept in " +
    "$SLOMO_CACHE or the system's cache folder. The other backends need no setup.",
  options: OPTIONS,
};

async function setUp(args: readonly string[], io: TaskIo): Promise<void> {
  const values = parseOptionsOnly(SETUP, args, io);
  if (values === undefined) return;
  const { libtensorflow, cuda, remove } = values;
  const cache = cacheFolder((name) => Deno.env.get(name));
  if (remove) {
    const removed = await removeTensorflow(cache);
    return io.out(removed ? `removed TensorFlow from ${cache}` : `there is no TensorFlow in ${cache}`);
  }
  try {
    await setUpTensorflow({ libtensorflow, cuda, cache }, createReporter(), io.signal);
  } catch (error) {
    // An explicit request must succeed; without one, the other backends serve.
    if (libtensorflow !== undefined || cuda || !(error instanceof JobError)) throw error;
    io.out(`${error.message}; slomo uses its other backends`);
  }
}

/** The task `setup`. */
export const setup: Task = { commands: [SETUP], run: setUp };

if (import.meta.main) await runScript(setup);
