/** Conversions in one run whose input or output is an object in a storage. */
import { JobError, reasonOf, UsageError, type WritePlan } from "@slomo/core";
import { isObjectLocation } from "@slomo/core/files";
import { type ObjectStorage, parseObjectLocation } from "@slomo/storage";
import { basename, join } from "@std/path";
import { checkObjects, checkOutput, inStorage, openInput, refuseOutput } from "./object_access.ts";
import type { ConvertOptions } from "./options.ts";
import { openStorage } from "./storage.ts";

/** A conversion. */
export interface ObjectConversion extends Pick<ConvertOptions, "overwrite" | "resume" | "signal" | "onEvent"> {
  /** Location of the source. */
  readonly input: string;
  /** Location of the target. */
  readonly output: string;
  /** Whether the output is written; otherwise the conversion is only planned. */
  readonly writes: boolean;
}

/** The same conversion with files, or addresses on this machine, in place of objects. */
export interface LocalConversion extends Pick<ConvertOptions, "signal" | "onEvent"> {
  /** Location of the source. */
  readonly input: string;
  /** Location of the target. */
  readonly output: string;
  /** Checks the plan of the target. */
  readonly onPlan: (plan: WritePlan) => void;
}

/** A temporary folder with the output, until it is in the storage. */
class OutputFolder implements AsyncDisposable {
  readonly path: string;
  readonly #storage: ObjectStorage;
  readonly #folder: string;
  readonly #output: string;
  #isKept = false;

  private constructor(storage: ObjectStorage, folder: string, output: string) {
    [this.#storage, this.#folder, this.#output] = [storage, folder, output];
    this.path = join(folder, basename(parseObjectLocation(output).key));
  }

  static async create(storage: ObjectStorage, output: string): Promise<OutputFolder> {
    return new OutputFolder(storage, await Deno.makeTempDir({ prefix: "slomo-output-" }), output);
  }

  /** Copies the output into the storage. @throws {JobError} If that fails; the file is kept. */
  async upload(overwrite: boolean, signal: AbortSignal | undefined): Promise<void> {
    try {
      if (!overwrite) await checkOutput(this.#storage, this.#output, signal);
      await this.#storage.upload(this.#output, this.path, { signal });
    } catch (error) {
      signal?.throwIfAborted();
      this.#isKept = true;
      const message = `${reasonOf(error)}; the finished video is kept as ${this.path}`;
      throw new JobError(message, { code: "write-failed", cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isKept) await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
  }
}

/**
 * Runs a conversion with objects. ffmpeg reads the input through a relay in this process. The output is made in a temporary
 * folder and copied into the storage when it is complete.
 *
 * @throws {UsageError} If an object or a bucket is missing, or the output exists.
 * @throws {JobError} If the storage cannot be used.
 */
export async function withObjects<T>(
  { input, output, writes, overwrite = false, resume = false, signal, onEvent }: ObjectConversion,
  convert: (local: LocalConversion) => Promise<T>,
): Promise<T> {
  checkObjects(input, output);
  const isObject = isObjectLocation(output), storage = await openStorage();
  if (isObject && resume) {
    throw new UsageError(
      `${output}: \`resume\` needs a file as output, where finished parts are kept; make the video in segments instead`,
      { option: "resume" },
    );
  }
  await using stack = new AsyncDisposableStack();
  const relay = isObjectLocation(input) ? stack.use(await openInput(storage, input, signal)) : undefined;
  const made = isObject ? stack.use(await OutputFolder.create(storage, output)) : undefined;
  // Fails if there is no such bucket, also if an object may be replaced.
  const found = isObject ? await storage.facts(output, signal) : undefined;
  if (found && !overwrite) refuseOutput(output);
  const local = { input: relay?.url ?? input, output: made?.path ?? output };
  const context = { relay, names: [[local.output, output], [local.input, input]] as const };
  const onPlan = ({ container }: WritePlan) => {
    if (!isObject || container !== "images") return;
    throw new UsageError(`${output}: must be a video file in the storage, such as s3://BUCKET/VIDEO.mp4`);
  };
  const result = await inStorage(context, { signal, onEvent }, (run) => convert({ ...local, ...run, onPlan }));
  if (writes) await made?.upload(overwrite, signal);
  return result;
}
