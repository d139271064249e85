/** Conversions in segments whose input, or whose folder and output, are objects in a storage. */
import { UsageError } from "@slomo/core";
import { isObjectLocation } from "@slomo/core/files";
import type { ObjectStorage } from "@slomo/storage";
import { FolderMirror } from "./folder_mirror.ts";
import { checkObjects, checkOutput, inStorage, openInput, type StorageContext } from "./object_access.ts";
import type { SegmentOptions } from "./options.ts";
import type { StoredPlan } from "./segment_plan.ts";
import type { SegmentedConversion, SegmentPlanOptions, SegmentRun, SplitOptions } from "./segmented_conversion.ts";
import type { Segments } from "./segments.ts";
import { openStorage } from "./storage.ts";

/** Locations of a conversion, some of which are objects. */
interface Places {
  readonly input: string;
  readonly output: string;
  readonly folder: string;
  readonly overwrite: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Opens a conversion in a local folder. */
type OpenLocal = (
  input: string,
  output: string,
  options: Pick<SegmentOptions, "folder" | "signal">,
) => Promise<Segments>;

function checkPlaces({ input, output, folder }: Places): void {
  if (isObjectLocation(output) !== isObjectLocation(folder)) {
    throw new UsageError(`${folder}: must be in the same storage as the output ${output}`, { option: "folder" });
  }
  checkObjects(input, output, folder);
}

/**
 * Opens a conversion with objects. ffmpeg reads the input through a relay in this process. Segments and output are made in a
 * temporary folder and copied into the storage when they are complete.
 *
 * @param open Opens the conversion with local locations.
 * @throws {UsageError} If an object or a bucket is missing, or the output exists.
 * @throws {JobError} If the storage cannot be used.
 */
export async function openObjectSegments(places: Places, open: OpenLocal): Promise<SegmentedConversion> {
  checkPlaces(places);
  const { input, output, folder, overwrite, signal } = places, storage = await openStorage();
  await using stack = new AsyncDisposableStack();
  const relay = isObjectLocation(input) ? stack.use(await openInput(storage, input, signal)) : undefined;
  const mirror = isObjectLocation(output) ? stack.use(await FolderMirror.open(storage, { output, folder })) : undefined;
  if (mirror && !await mirror.pullPlan(signal) && !overwrite) await checkOutput(storage, output, signal);
  const local = { input: relay?.url ?? input, output: mirror?.output ?? output, folder: mirror?.folder ?? folder };
  const names = [[local.folder, folder], [local.output, output], [local.input, input]] as const;
  const context: Context = { ...places, storage, relay, mirror, names };
  const segments = await inStorage(
    context,
    { signal },
    ({ signal }) => open(local.input, local.output, { folder: local.folder, signal }),
  );
  stack.use(segments);
  return new ObjectSegments(context, segments, stack.move());
}

/** Everything that the steps of a conversion with objects share. */
interface Context extends Places, StorageContext {
  readonly storage: ObjectStorage;
  readonly mirror: FolderMirror | undefined;
}

class ObjectSegments implements SegmentedConversion {
  readonly folder: string;
  readonly output: string;
  readonly #context: Context;
  readonly #segments: Segments;
  readonly #opened: AsyncDisposable;

  constructor(context: Context, segments: Segments, opened: AsyncDisposable) {
    [this.folder, this.output] = [context.folder, context.output];
    [this.#context, this.#segments, this.#opened] = [context, segments, opened];
  }

  async plan({ command, ...run }: SegmentPlanOptions = {}): Promise<StoredPlan> {
    const { mirror } = this.#context;
    return await this.#run(run, async (run) => {
      if (!mirror) return await this.#segments.plan({ command, ...run });
      const before = await mirror.pullPlan(run.signal), plan = await this.#segments.plan({ command, ...run });
      if (await mirror.pushPlan(before, run.signal)) return plan;
      // Another process has planned in the meantime.
      await mirror.pullPlan(run.signal);
      return await this.#segments.plan({ command, ...run });
    });
  }

  get usualShards(): number {
    return this.#segments.usualShards;
  }

  async split(options: SplitOptions = {}): Promise<readonly number[]> {
    const { mirror } = this.#context, { command, shards, ...own } = options;
    return await this.#run(own, async (run) => {
      const all = { command, shards, ...run };
      if (!mirror) return await this.#segments.split(all);
      const plan = await mirror.pullPlan(run.signal), before = await mirror.pullShards("names", run.signal);
      const missing = await this.#segments.split(all);
      if (await mirror.pushShards({ plan, shards: before }, run.signal)) return missing;
      // Another process has divided the source in the meantime.
      await mirror.pullShards("names", run.signal);
      return await this.#segments.split(all);
    });
  }

  async scan(index: number, run: SegmentRun = {}): Promise<"made" | "present"> {
    const { mirror } = this.#context;
    return await this.#run(run, async (run) => {
      if (!mirror) return await this.#segments.scan(index, run);
      await mirror.pullPlan(run.signal);
      const set = await mirror.pullShards("names", run.signal), state = await this.#segments.scan(index, run);
      if (state === "made") await mirror.pushShard(set!, index, run.signal);
      return state;
    });
  }

  async merge(run: SegmentRun = {}): Promise<StoredPlan> {
    const { mirror } = this.#context;
    return await this.#run(run, async (run) => {
      if (!mirror) return await this.#segments.merge(run);
      const before = await mirror.pullPlan(run.signal);
      if (!before) await mirror.pullShards("contents", run.signal);
      const plan = await this.#segments.merge(run);
      if (await mirror.pushPlan(before, run.signal)) return plan;
      await mirror.pullPlan(run.signal);
      return await this.#segments.merge(run);
    });
  }

  async make(index: number, run: SegmentRun = {}): Promise<"made" | "present"> {
    const { mirror } = this.#context, segments = this.#segments;
    return await this.#run(run, async (run) => {
      if (!mirror) return await segments.make(index, run);
      const plan = await mirror.pullPlan(run.signal), record = segments.record(index);
      if (await mirror.has(record, run.signal)) return "present";
      try {
        const maker = plan && await mirror.pullForSegment(plan, index, run.signal);
        await segments.make(index, run);
        if (maker === undefined && !await mirror.pushMaker(run.signal)) {
          // Another machine has made the first segment in the meantime.
          await mirror.discard(record);
          await segments.make(index, run);
        }
        await mirror.pushSegment(record, run.signal);
      } finally {
        await mirror.discard(record);
        if (plan) await mirror.discardTask(plan, index);
      }
      return "made";
    });
  }

  async missing(): Promise<number[]> {
    const { mirror } = this.#context;
    return await this.#run({}, async ({ signal }) => {
      const plan = await mirror?.pullPlan(signal);
      if (!mirror || !plan) return await this.#segments.missing();
      const made = await mirror.records(signal);
      return Array.from({ length: plan.segments }, (_, i) => i).filter((i) => !made.has(this.#segments.record(i)));
    });
  }

  async join(run: SegmentRun = {}): Promise<void> {
    const { mirror, storage, output, overwrite } = this.#context;
    await this.#run(run, async (run) => {
      const { signal } = run;
      if (!mirror || !await mirror.pullPlan(signal)) return await this.#segments.join(run);
      if (!await mirror.isPushed(signal)) {
        if (!overwrite) await checkOutput(storage, output, signal);
        await mirror.pullSegments(signal);
        await this.#segments.join(run);
        await mirror.pushOutput(signal);
      }
      await mirror.removeObjects(signal);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]();
  }

  async #run<T>({ signal, onEvent }: SegmentRun, work: (run: SegmentRun) => Promise<T>): Promise<T> {
    return await inStorage(this.#context, { signal, onEvent }, work);
  }
}
