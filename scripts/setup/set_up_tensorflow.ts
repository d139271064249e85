import { join, resolve } from "@std/path";
import { JobError } from "@slomo/core";
import { writeFileAtomic } from "@slomo/core/files";
import { withLock } from "@slomo/downloads";
import { fetchWheels, type Reporter, runPython } from "@slomo/downloads/wheels";
import { type LibraryRecord, recordFile } from "@slomo/tensorflow";
import { checkLibrary } from "./self_check.ts";
import { wheelsFor } from "./wheels.ts";

/** What `deno task setup` was asked for. */
export interface SetupRequest {
  /** Folder in which libtensorflow is already. */
  readonly libtensorflow?: string | undefined;
  /** Whether the build for NVIDIA's cards is wanted. */
  readonly cuda: boolean;
  /** Folder for what is downloaded. */
  readonly cache: string;
}

const NAMES = ["libtensorflow_cc.so.2", "libtensorflow_cc.2.dylib", "libtensorflow.so.2", "libtensorflow.2.dylib"];

/** The library in a folder, in its `tensorflow` or in its `lib`. */
async function findLibrary(folder: string): Promise<string | undefined> {
  for (const place of [folder, join(folder, "tensorflow"), join(folder, "lib")]) {
    for (const name of NAMES) {
      const path = join(place, name);
      if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
    }
  }
  return undefined;
}

/** Keeps a library that works; tells and returns why not otherwise. */
async function adopt(
  record: LibraryRecord,
  request: SetupRequest,
  report: Reporter,
  signal: AbortSignal,
): Promise<string | undefined> {
  const check = await checkLibrary(record.library, signal);
  if ("reason" in check) return `${record.source}: ${check.reason}`;
  await Deno.mkdir(request.cache, { recursive: true });
  await writeFileAtomic(recordFile(request.cache), JSON.stringify(record, undefined, 2));
  report.say(`tensorflow ${check.version} works on ${check.device}, from ${record.source}: ${record.library}`);
  if (request.cuda && check.device !== "GPU") {
    report.say("no GPU was found: is NVIDIA's driver there (nvidia-smi)? deno task doctor --gpu tells more");
  }
  return undefined;
}

/** Tries the folder that a person has named. */
async function fromFolder(
  folder: string,
  request: SetupRequest,
  report: Reporter,
  signal: AbortSignal,
): Promise<string | undefined> {
  const library = await findLibrary(resolve(folder));
  if (library === undefined) {
    return `${folder} has none of ${NAMES.join(", ")}, nor have its folders tensorflow and lib`;
  }
  return await adopt({ library, source: "--libtensorflow" }, request, report, signal);
}

const FIND =
  `import importlib.util as u; s = u.find_spec("tensorflow"); print(list(s.submodule_search_locations)[0] if s else "")`;

/** Returns the folder of the package `tensorflow` of the Python in the PATH, found without importing it. */
async function pythonTensorflow(signal: AbortSignal): Promise<string | undefined> {
  const result = await runPython(["-c", FIND], signal);
  return result?.ok && result.out ? result.out : undefined;
}

/** Tries the Python environment at hand. */
async function fromPython(request: SetupRequest, report: Reporter, signal: AbortSignal): Promise<string | undefined> {
  const folder = await pythonTensorflow(signal);
  if (folder === undefined) return "the Python at hand has no TensorFlow";
  const library = await findLibrary(folder);
  if (library === undefined) return `${folder}, Python's TensorFlow, has no library that can be loaded`;
  return await adopt({ library, source: "the Python environment" }, request, report, signal);
}

/** Tries what an earlier run has unpacked, then PyPI. */
async function fromPypi(request: SetupRequest, report: Reporter, signal: AbortSignal): Promise<string | undefined> {
  const wheels = wheelsFor(Deno.build.os, Deno.build.arch, request.cuda);
  if (typeof wheels === "string") return wheels;
  const [tensorflow] = wheels;
  if (tensorflow === undefined) return "there is no wheel";
  const home = join(request.cache, "libtensorflow");
  const folder = join(home, `${tensorflow.version}-${request.cuda ? "cuda" : "cpu"}`);
  const source = `PyPI's ${tensorflow.project} ${tensorflow.version}`;
  const fetchOnce = async () => {
    const kept = await findLibrary(folder);
    if (kept !== undefined && await adopt({ library: kept, source }, request, report, signal) === undefined) {
      return undefined;
    }
    try {
      await fetchWheels(wheels, folder, join(home, "downloads"), report, signal);
    } catch (error) {
      signal.throwIfAborted();
      return error instanceof Error ? error.message : String(error);
    }
    const library = await findLibrary(folder);
    if (library === undefined) return `${source} has no library`;
    return await adopt({ library, source }, request, report, signal);
  };
  const onWait = () => report.say("waiting for another deno task setup");
  return await withLock(join(home, "lock"), fetchOnce, onWait, signal);
}

/**
 * Makes the backend `tensorflow` work, from the first source that does: the folder named, the Python environment, PyPI.
 *
 * @throws {JobError} If none does; says why of each.
 */
export async function setUpTensorflow(request: SetupRequest, report: Reporter, signal: AbortSignal): Promise<void> {
  const sources = request.libtensorflow !== undefined
    ? [() => fromFolder(request.libtensorflow ?? "", request, report, signal)]
    : request.cuda
    ? [() => fromPypi(request, report, signal)]
    : [() => fromPython(request, report, signal), () => fromPypi(request, report, signal)];
  const reasons: string[] = [];
  for (const source of sources) {
    const reason = await source();
    if (reason === undefined) return;
    reasons.push(reason);
  }
  throw new JobError(`tensorflow is not set up: ${reasons.join("; ")}`);
}

/** Removes what setup has downloaded and recorded. Nothing else of the cache is touched. */
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
