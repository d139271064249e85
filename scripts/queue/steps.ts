/** The steps of a worker: videos of the queue are planned, made and joined in their folders, as `segments` does. */
import { sha256 } from "@slomo/core/files";
import type { JobEvent } from "@slomo/core/video";
import type { VideoSteps } from "@slomo/queue";
import type { SegmentedConversion, Slomo } from "@slomo/slomo";
import { cpus } from "node:os";
import config from "../deno.json" with { type: "json" };
import { openFor } from "../interpolate/open.ts";
import type { InterpolateCommand, InterpolateValues } from "../interpolate/options.ts";
import { folderOf, readCommand, storeCommand, type StoredCommand } from "../segments/command.ts";
import { workerCommand } from "./command.ts";
import { Makes } from "./makes.ts";
import { OpenVideos } from "./open_videos.ts";

/** Options of a worker. */
export interface StepOptions {
  /** Model, backend and device of this worker. */
  readonly own: Partial<InterpolateValues>;
  /** Folders that may be read and written. */
  readonly roots: readonly string[];
  /** Receives remarks. */
  readonly note: (message: string) => void;
}

/** Number of videos that stay open. */
const OPEN_VIDEOS = 4;

/** Returns the hash of everything about a worker that can be known before there is a video. */
async function workerFacts(own: Partial<InterpolateValues>, slomo: Slomo): Promise<string> {
  const { plugins, use } = slomo.toolkit.manifest;
  const facts = {
    slomo: config.version,
    deno: Deno.version.deno,
    platform: Deno.build.target,
    cpu: cpus()[0]?.model,
    cores: navigator.hardwareConcurrency,
    backend: own.backend ?? "auto",
    device: own.device,
    manifest: { plugins, use },
  };
  return (await sha256(JSON.stringify(facts))).slice(0, 12);
}

/** Returns the options that decide which model is opened, as a key. */
function modelKey({ options }: InterpolateCommand): string {
  const { model, precision, tile, overlap, flowScale, inputFps } = options;
  return JSON.stringify(
    { model, precision, tile, overlap, flowScale, inputFps },
    (_, value) => typeof value === "bigint" ? `${value}` : value,
  );
}

/** Opens the steps of a worker. Close them when the worker has ended. */
export async function openSteps(options: StepOptions): Promise<VideoSteps & AsyncDisposable> {
  const { own, roots, note } = options;
  const models = new Map<string, Promise<Slomo>>(), videos = new OpenVideos(OPEN_VIDEOS), makes = new Makes();
  const slomoFor = (command: InterpolateCommand) => {
    const key = modelKey(command), found = models.get(key);
    if (found) return found;
    const opened = openFor(command, note);
    models.set(key, opened);
    opened.catch(() => models.delete(key));
    return opened;
  };
  async function openVideo(command: unknown): Promise<SegmentedConversion> {
    const found = await workerCommand(command, own, roots), { videos: { input, output }, options } = found;
    const slomo = await slomoFor(found);
    return await slomo.segments(input, output, { ...options, folder: folderOf(output) });
  }
  /** Returns the command as the task `segments` stores it, so that it can make the rest of the video without the queue. */
  async function storedCommand(command: unknown): Promise<StoredCommand> {
    const found = await workerCommand(command, own, roots);
    return storeCommand(folderOf(found.videos.output), found.videos, found);
  }
  const opened = <T>(id: string, command: unknown, step: (video: SegmentedConversion) => Promise<T>) =>
    videos.use(id, () => openVideo(command), step);
  const base = await openFor(emptyCommand(own), note);
  const facts = await workerFacts(own, base);
  await base.close();
  return {
    facts,
    async plan(id, command, { signal }, asked) {
      await videos.forget(id);
      return await opened(id, command, async (video) => {
        const shards = asked ?? video.usualShards, run = { command: await storedCommand(command), signal };
        if (shards > 1) return { shards, missing: await video.split({ ...run, shards }) };
        const { frames, segments } = await video.plan(run);
        return { frames, segments, missing: await video.missing() };
      });
    },
    async scan(id, command, index, { signal, onFrame }) {
      const onEvent = (event: JobEvent) => event.type === "frame" && onFrame?.(event.done);
      await opened(id, command, (video) => video.scan(index, { signal, onEvent }));
    },
    async merge(id, command, { signal }) {
      // The source may have changed since it was divided.
      await videos.forget(id);
      const onEvent = (event: JobEvent) => event.type === "note" && note(`${id}: ${event.message}`);
      return await opened(id, command, async (video) => {
        const { frames, segments } = await video.merge({ signal, onEvent });
        return { frames, segments, missing: await video.missing() };
      });
    },
    async make(id, command, index, { signal, onFrame }) {
      const onEvent = (event: JobEvent) => {
        if (event.type === "frame") onFrame?.(event.done, event.total!);
        if (event.type === "warning") note(event.message);
      };
      await makes.run(id, signal, () => opened(id, command, (video) => video.make(index, { signal, onEvent })));
    },
    async join(id, command, { signal }) {
      const onEvent = (event: JobEvent) => event.type === "warning" && note(event.message);
      await opened(id, command, (video) => video.join({ signal, onEvent }));
      await videos.forget(id);
    },
    async [Symbol.asyncDispose]() {
      await videos[Symbol.asyncDispose]();
      for (const model of models.values()) await (await model.catch(() => undefined))?.close();
    },
  };
}

/** Returns a command without a video, with the options of a worker. */
function emptyCommand(own: Partial<InterpolateValues>): InterpolateCommand {
  return readCommand("/", { input: "-in.mp4", output: "-out.mp4", options: {} }, own);
}
