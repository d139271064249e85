import { join, resolve } from "@std/path";
import { JobError } from "@slomo/core";
import { writeFileAtomic } from "@slomo/core/files";
import { withLock } from "@slomo/downloads";
import { fetchWheels, type Reporter, runPython } from "@slomo/downloads/wheels";
import { type LibraryRecord, recordFile } from "@slomo/tensorflow";
import { checkLibrary } from "./self_check.ts";
import { wheelsFor } from "./wheels.ts";

/** Options of the task `setup`. */
export interface SetupOptions {
  /** Folder of an installed libtensorflow. */
  readonly libtensorflow?: string | undefined;
  /** Whether to use the build for NVIDIA GPUs. */
  readonly cuda: boolean;
  /** Folder for downloads. */
  readonly cache: string;
}

const NAMES = ["libtensorflow_cc.so.2", "libtensorflow_cc.2.dylib", "libtensorflow.so.2", "libtensorflow.2.dylib"];

/** Finds the library in a folder, or in its subfolders `tensorflow` and `lib`. */
async function findLibrary(folder: string): Promise<string | undefined> {
  for (const directory of [folder, join(folder, "tensorflow"), join(folder, "lib")]) {
    for (const name of NAMES) {
      const path = join(directory, name);
      if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
    }
  }
  return undefined;
}

/** Tests a library and records it if it works; otherwise returns the reason. */
async function useIfWorking(
  record: LibraryRecord,
  options: SetupOptions,
  report: Reporter,
  signal: AbortSignal,
): Promise<string | undefined> {
  const check = await checkLibrary(record.library, signal);
  if ("reason" in check) return `${record.source}: ${check.reason}`;
  await Deno.mkdir(options.cache, { recursive: true });
  await writeFileAtomic(recordFile(options.cache), JSON.stringify(record, undefined, 2));
  report.say(`tensorflow ${check.version} works on ${check.device}, from ${record.source}: ${record.library}`);
  if (options.cuda && check.device !== "GPU") {
    report.say("no GPU was found: is NVIDIA's driver installed (nvidia-smi)? deno task doctor --gpu shows details");
  }
  return undefined;
}

/** Tries the folder of `--libtensorflow`. */
async function tryFolder(
  folder: string,
  options: SetupOptions,
  report: Reporter,
  signal: AbortSignal,
): Promise<string | undefined> {
  const library = await findLibrary(resolve(folder));
  if (library === undefined) {
    return `${folder} has none of ${NAMES.join(", ")}, nor have its folders tensorflow and lib`;
  }
  return await useIfWorking({ library, source: "--libtensorflow" }, options, report, signal);
}

const FIND =
  `import importlib.util as u; s = u.find_spec("tensorflow"); print(list(s.submodule_search_locations)[0] if s else "")`;

/** Returns the folder of the package `tensorflow` of the Python in the PATH, found without importing it. */
async function pythonTensorflow(signal: AbortSignal): Promise<string | undefined> {
  const result = await runPython(["-c", FIND], signal);
  return result?.ok && result.out ? result.out : undefined;
}

/** Tries the active Python environment. */
async function tryPython(options: SetupOptions, report: Reporter, signal: AbortSignal): Promise<string | undefined> {
  const folder = await pythonTensorflow(signal);
  if (folder === undefined) return "the Python in the PATH has no TensorFlow";
  const library = await findLibrary(folder);
  if (library === undefined) return `${folder}, Python's TensorFlow, has no library that can be loaded`;
  return await useIfWorking({ library, source: "the Python environment" }, options, report, signal);
}

/** Tries the library that an earlier run has unpacked, then a download from PyPI. */
async function tryPypi(options: SetupOptions, report: Reporter, signal: AbortSignal): Promise<string | undefined> {
  const wheels = wheelsFor(Deno.build.os, Deno.build.arch, options.cuda);
  if (typeof wheels === "string") return wheels;
  const [tensorflow] = wheels;
  if (tensorflow === undefined) return "there is no wheel";
  const root = join(options.cache, "libtensorflow");
  const folder = join(root, `${tensorflow.version}-${options.cuda ? "cuda" : "cpu"}`);
  const source = `PyPI's ${tensorflow.project} ${tensorflow.version}`;
  const fetchOnce = async () => {
    const unpacked = await findLibrary(folder);
    if (
      unpacked !== undefined && await useIfWorking({ library: unpacked, source }, options, report, signal) === undefined
    ) {
      return undefined;
    }
    try {
      await fetchWheels(wheels, folder, join(root, "downloads"), report, signal);
    } catch (error) {
      signal.throwIfAborted();
      return error instanceof Error ? error.message : String(error);
    }
    const library = await findLibrary(folder);
    if (library === undefined) return `${source} has no library`;
    return await useIfWorking({ library, source }, options, report, signal);
  };
  const onWait = () => report.say("waiting for another deno task setup");
  return await withLock(join(root, "lock"), fetchOnce, onWait, signal);
}

/**
 * Sets up the backend `tensorflow` from the first source that works: the given folder, the Python environment, PyPI.
 *
 * @throws {JobError} If no source works; the message has the reason for each.
 */
export async function setUpTensorflow(options: SetupOptions, report: Reporter, signal: AbortSignal): Promise<void> {
  const sources = options.libtensorflow !== undefined
    ? [() => tryFolder(options.libtensorflow ?? "", options, report, signal)]
    : options.cuda
    ? [() => tryPypi(options, report, signal)]
    : [() => tryPython(options, report, signal), () => tryPypi(options, report, signal)];
  const reasons: string[] = [];
  for (const source of sources) {
    const reason = await source();
    if (reason === undefined) return;
    reasons.push(reason);
  }
  throw new JobError(`tensorflow is not set up: ${reasons.join("; ")}`);
}

/** Removes the downloads and the record of setup, and nothing else in the cache. Returns whether there were any. */
export async function removeTensorflow(cache: string): Promise<boolean> {
  const removed = await Promise.all(
    [recordFile(cache), join(cache, "libtensorflow")].map((path) =>
      Deno.remove(path, { recursive: true }).then(() => true, (error) => {
        if (error instanceof Deno.errors.NotFound) return false;
        throw error;
      })
    ),
  );
  return removed.includes(true);
}
