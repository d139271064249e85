import { JobError, type MediaInfo, type SegmentSink, UsageError } from "@slomo/core";
import { changedFacts } from "@slomo/core/files";
import type { ResolvedManifest } from "@slomo/core/manifest";
import {
  checkSegmented,
  mergeShards,
  planSegments,
  type ScannedSource,
  scanShard,
  segmentFrames,
  shardRanges,
  usualShards,
} from "@slomo/core/segments";
import type { PreparedJob } from "@slomo/core/video";
import { cpus } from "node:os";
import { createFlowWriter } from "./flow_out.ts";
import { modelFacts, type ModelSettings, sourceFacts } from "./job_facts.ts";
import type { Model } from "./model.ts";
import { droppedText } from "./plan_facts.ts";
import type { SegmentedConversion, SegmentPlanOptions, SegmentRun, SplitOptions } from "./segmented_conversion.ts";
import { readPlan, readTask, settleMaker, type StoredPlan, storePlan } from "./segment_plan.ts";
import {
  hasShard,
  missingShards,
  readShards,
  readShardSet,
  removeShardSet,
  storeShard,
  storeShardSet,
} from "./shard_set.ts";
import { EngineTurns } from "./turns.ts";

/** The parts that a {@linkcode SegmentedConversion} works with. */
export interface SegmentParts {
  /** The checked job. */
  readonly job: PreparedJob;
  /** Folder of the plan and the segments. */
  readonly folder: string;
  /** Plugins and parts. */
  readonly manifest: ResolvedManifest;
  /** Options that change frames, besides those of the job. */
  readonly settings: ModelSettings;
  /** Whether the plan, or the output, may be replaced. */
  readonly overwrite: boolean;
  /** Opens the model. */
  readonly openModel: (info: MediaInfo, signal?: AbortSignal) => Promise<Model>;
}

/** @throws {UsageError} If the target cannot be written in segments. */
function sinkOf({ plan, options: { output } }: PreparedJob): SegmentSink {
  if (plan.segments) return plan.segments;
  const kind = plan.container === "images" ? "image files" : `a ${plan.container}`;
  throw new UsageError(
    `${output}: cannot be written in segments: ${kind} can only be written in one run; ` +
      "name an mp4, mkv, webm, mov or ts file as output",
    { code: "unknown-format" },
  );
}

/** Returns facts about the machine: encoders and networks may give other results on another one. */
function machineFacts(): Record<string, string> {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "cpus" });
  const model = state === "granted" ? cpus()[0]?.model : undefined;
  return { "the CPU": `${model ?? "unknown"}, ${navigator.hardwareConcurrency} cores` };
}

/** Makes segments with a model of this process. It owns the job. */
export class Segments implements SegmentedConversion {
  readonly folder: string;
  readonly #parts: SegmentParts;
  readonly #sink: SegmentSink;
  readonly #facts: () => Promise<Readonly<Record<string, string>>>;
  readonly #turns = new EngineTurns();
  readonly #makers = new WeakMap<Model, Promise<Readonly<Record<string, string>>>>();
  #isChecked = false;

  constructor(parts: SegmentParts) {
    [this.#parts, this.folder] = [parts, parts.folder];
    this.#sink = sinkOf(parts.job);
    const source = sourceFacts(parts.job, parts.settings), written = this.#sink.facts();
    this.#facts = async () => ({ ...await source(), ...written });
  }

  /** Returns the name of the file that makes a segment complete. */
  record(index: number): string {
    return this.#sink.record(index);
  }

  get output(): string {
    return this.#parts.job.options.output;
  }

  async plan({ command, ...run }: SegmentPlanOptions = {}): Promise<StoredPlan> {
    const facts = await this.#facts(), found = await this.#begin(facts, run);
    return found ?? await this.#plan({ facts, command }, run);
  }

  get usualShards(): number {
    return usualShards(this.#parts.job);
  }

  async split({ command, shards = this.usualShards, ...run }: SplitOptions = {}): Promise<readonly number[]> {
    const { folder } = this, { job } = this.#parts, facts = await this.#facts();
    checkSegmented(job);
    shardRanges(job, shards);
    if (await this.#begin(facts, run)) return [];
    const found = await readShardSet(folder);
    const isSame = found?.shards === shards && changedFacts(found.facts, facts).length === 0;
    return await missingShards(folder, isSame ? found : await storeShardSet(folder, { facts, command, shards }));
  }

  async scan(index: number, run: SegmentRun = {}): Promise<"made" | "present"> {
    const { folder } = this, { job } = this.#parts;
    if (await readPlan(folder)) return "present";
    const set = await this.#shards();
    if (!(Number.isInteger(index) && index >= 0 && index < set.shards)) {
      throw new UsageError(`${folder}: has no shard ${index}: shards are 0 to ${set.shards - 1}`);
    }
    if (await hasShard(folder, set, index)) return "present";
    await this.#check(set);
    await storeShard(folder, set, index, await scanShard(job, shardRanges(job, set.shards)[index]!, run));
    return "made";
  }

  async merge(run: SegmentRun = {}): Promise<StoredPlan> {
    const { folder } = this, { job } = this.#parts, facts = await this.#facts(), found = await this.#begin(facts, run);
    if (found) return found;
    const set = await this.#shards(), missing = await missingShards(folder, set);
    await this.#check(set);
    if (missing.length > 0) {
      throw new JobError(
        `${folder}: cannot merge its shards: ${missing.length} of ${set.shards} are missing: ${
          missing.join(", ")
        }; scan them first`,
      );
    }
    const scanned = await mergeShards(job, await readShards(folder, set));
    if (!scanned) {
      const message =
        `${job.options.input}: it is damaged, or its parts cannot be read independently; planning in one pass`;
      run.onEvent?.({ type: "note", message });
    }
    const plan = await this.#plan(set, run, scanned);
    await removeShardSet(folder, set);
    return plan;
  }

  /** Reports the notes of the job. Returns the plan of the folder if it is the same, and prepares the folder for another one. */
  async #begin(facts: Readonly<Record<string, string>>, run: SegmentRun): Promise<StoredPlan | undefined> {
    const { folder } = this, { job } = this.#parts, found = await readPlan(folder);
    for (const message of job.notes) run.onEvent?.({ type: "note", message });
    for (const dropped of job.plan.dropped) run.onEvent?.({ type: "warning", message: droppedText(dropped) });
    const changed = found ? changedFacts(found.facts, facts) : [];
    if (found && changed.length === 0) return found;
    if (found && !this.#parts.overwrite) {
      throw new UsageError(
        `${folder}: has segments that were planned otherwise; changed: ${changed.join(", ")}; ` +
          "remove the folder, or set `overwrite`",
        { code: "output-exists", option: "overwrite" },
      );
    }
    if (found) await Deno.remove(folder, { recursive: true });
    await Deno.mkdir(folder, { recursive: true });
    return undefined;
  }

  async #plan(
    { facts, command }: Pick<StoredPlan, "facts" | "command">,
    run: SegmentRun,
    scanned?: ScannedSource,
  ): Promise<StoredPlan> {
    const { job } = this.#parts;
    return await storePlan(
      this.folder,
      { facts, command },
      (onTask) => planSegments(job, this.#sink, { ...run, onTask, scanned }),
    );
  }

  async #shards() {
    const set = await readShardSet(this.folder);
    if (set) return set;
    throw new UsageError(`${this.folder}: has no shards; plan with \`shards\` first`, { code: "input-not-found" });
  }

  async make(index: number, { signal, onEvent }: SegmentRun = {}): Promise<"made" | "present"> {
    const { folder } = this, { job, openModel, settings: { flowOut } } = this.#parts, plan = await this.#stored();
    if (!(Number.isInteger(index) && index >= 0 && index < plan.segments)) {
      throw new UsageError(`${folder}: has no segment ${index}: segments are 0 to ${plan.segments - 1}`);
    }
    if (await this.#sink.has({ folder, index })) return "present";
    await this.#check(plan);
    const model = await openModel(job.info, signal), task = await readTask(folder, plan, index);
    await this.#checkMaker(model);
    const onFrame = flowOut === undefined ? undefined : await createFlowWriter(flowOut);
    const turn = this.#turns.take(model.engine), { span, segments: count } = plan;
    const frames = segmentFrames(job, turn.engine, task, { signal, onEvent, onFrame });
    async function* counted() {
      let done = 0, interpolated = 0;
      for await (const frame of frames) {
        yield frame;
        if (frame.facts.interpolated) interpolated++;
        onEvent?.({ type: "frame", done: ++done, interpolated, total: task.count });
      }
      turn.end();
    }
    try {
      await this.#sink.write({ folder, index, count, span, until: task.until }, counted(), signal);
    } catch (error) {
      // Another process may have joined the segments meanwhile, and removed their folder.
      if (!signal?.aborted) await this.#stored();
      throw error;
    } finally {
      turn.end();
    }
    return "made";
  }

  async missing(): Promise<number[]> {
    const { folder } = this, { segments } = await this.#stored(), missing: number[] = [];
    for (let index = 0; index < segments; index++) {
      if (!await this.#sink.has({ folder, index })) missing.push(index);
    }
    return missing;
  }

  async join({ signal, onEvent }: SegmentRun = {}): Promise<void> {
    const { folder } = this, { segments: count, span, ...plan } = await this.#stored();
    await this.#check(plan);
    const onWarning = (message: string) => onEvent?.({ type: "warning", message });
    await this.#sink.join({ folder, count, span, overwrite: this.#parts.overwrite, signal, onWarning });
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.job[Symbol.asyncDispose]();
  }

  async #stored(): Promise<StoredPlan> {
    const plan = await readPlan(this.folder);
    if (plan) return plan;
    throw new UsageError(
      `${this.folder}: has no plan; plan the segments first. After they are joined, their folder is removed`,
      { code: "input-not-found" },
    );
  }

  /** Compares the source and the settings with those of the plan, once. */
  async #check({ facts }: Pick<StoredPlan, "facts">): Promise<void> {
    if (this.#isChecked) return;
    this.#refuse(facts, await this.#facts(), "that the segments were planned with");
    this.#isChecked = true;
  }

  async #checkMaker(model: Model): Promise<void> {
    const { manifest, job } = this.#parts;
    // The code that runs is the one that was loaded, so its hash is needed once.
    const facts = this.#makers.get(model) ?? modelFacts(job.info, manifest, model);
    this.#makers.set(model, facts);
    facts.catch(() => this.#makers.delete(model));
    const own = { ...await facts, ...machineFacts() };
    this.#refuse(await settleMaker(this.folder, own), own, "of the machine that made the first segment");
  }

  #refuse(then: Readonly<Record<string, string>>, own: Readonly<Record<string, string>>, which: string): void {
    const changed = changedFacts(then, own);
    if (changed.length === 0) return;
    // Another machine may be able to make the segments, but not if the source or a setting has changed.
    const isMachine = changed.every((fact) => !fact.startsWith("the input") && !fact.startsWith("`"));
    throw new UsageError(
      `${this.folder}: cannot make its segments: these differ from those ${which}: ${changed.join(", ")}`,
      { code: isMachine ? "facts-differ" : "invalid-input" },
    );
  }
}
