/** `deno task setup`: puts in place what training needs and Deno does not bring: TensorFlow's native library. */
import { JobError } from "@slomo/core";
import { cacheFolder } from "@slomo/tensorflow";
import { runScript } from "./_cli.ts";
import { helpText, type OptionTable, parseOptions } from "./_options.ts";
import { createReporter } from "./setup/reporter.ts";
import { removeTensorflow, setUpTensorflow } from "./setup/set_up_tensorflow.ts";

const OPTIONS = {
  libtensorflow: { value: "DIR", help: "take the libtensorflow of this folder (2.16 or newer)" },
  cuda: {
    help: "fetch the build for NVIDIA cards with CUDA 12 and cuDNN 9 (3.4 GB) in place of the one for processors",
  },
  remove: { help: "remove what setup has downloaded" },
  help: { help: "this text" },
} satisfies OptionTable;

const ABOUT =
  `Makes the backend tensorflow work: training wants it. The library is taken from --libtensorflow, or from the Python
environment at hand, or from PyPI's wheel (274 MB to download, 853 MB unpacked), and kept in $SLOMO_CACHE or the system's
folder for caches. Without it, slomo goes on with its other backends.`;

await runScript(async (args, io) => {
  const { options } = parseOptions(args, OPTIONS);
  if (options.help) return io.out(helpText("deno task setup [options]", ABOUT, OPTIONS));
  const cache = cacheFolder((name) => Deno.env.get(name));
  if (options.remove) {
    const removed = await removeTensorflow(cache);
    return io.out(removed ? `removed TensorFlow from ${cache}` : `there is nothing of TensorFlow in ${cache}`);
  }
  try {
    await setUpTensorflow(
      { libtensorflow: options.libtensorflow, cuda: options.cuda, cache },
      createReporter(),
      io.signal,
    );
  } catch (error) {
    // What was asked for by name must be there; what is only better than the other backends need not.
    if (options.libtensorflow !== undefined || options.cuda || !(error instanceof JobError)) throw error;
    io.out(`${error.message}; slomo goes on with its other backends`);
  }
});
