import { BACKENDS } from "@slomo/slomo/backends";
import type { Codec, PairEngine } from "@slomo/core";
import { type OpenedEngine, openEngine } from "@slomo/engine";
import { toNumber } from "@slomo/core/time";
import type { Toolkit } from "@slomo/core/manifest";
import type { WeightsFile } from "@slomo/weights";
import { freeMemory } from "../_memory.ts";
import { openToolkit, openWeightsFile } from "../_toolkit.ts";
import type { InterpolateCommand } from "./options.ts";

/** An engine with the model that it runs. */
export interface Model {
  /** Fills pairs. */
  readonly engine: PairEngine;
  /** Weights of its networks, where they have any. */
  readonly weights: WeightsFile | undefined;
  /** In which tiles frames are filled, where they are. */
  readonly tiles: OpenedEngine["tiles"];
}

/** Size of a video's frames in pixels. */
export interface FrameSize {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** What the videos of one command share. */
export interface Session {
  /** Of the command's manifest. */
  readonly toolkit: Toolkit;
  /** In the manifest's order. */
  readonly codecs: readonly Codec[];
  /**
   * The engine, opened when the first video asks for it, and again for larger frames than it was opened for; `note` is then
   * told which it is.
   *
   * @throws {UsageError} If plugins, options and weights do not fit each other.
   */
  model(frame: FrameSize, note: (message: string) => void): Promise<Model>;
  /** Throws what opening the engine failed with, if it did: then no other video will fare better. */
  checkModel(): Promise<void>;
  /** Frees all of it. */
  close(): Promise<void>;
}

async function openModel(
  toolkit: Toolkit,
  command: InterpolateCommand,
  { width, height }: FrameSize,
  note: (message: string) => void,
): Promise<Model> {
  const weights = await openWeightsFile(toolkit.manifest, command.weights);
  const { engine, tiles, passedOver, notes } = await openEngine({
    manifest: toolkit.manifest,
    weights,
    backend: command.backend,
    device: command.device,
    precision: command.precision,
    flowScale: command.flowScale,
    workers: command.workers ?? navigator.hardwareConcurrency,
    frame: { width, height },
    freeMemory: freeMemory(),
    tile: command.tile,
    overlap: command.overlap,
    backends: BACKENDS,
  });
  for (const { name, reason } of passedOver) note(`${name} is not used: ${reason}`);
  for (const text of notes) note(text);
  const threads = engine.parallel > 1 ? `, ${engine.parallel} threads` : "";
  note(`computing on ${engine.backend} (${engine.device}${threads})`);
  return { engine, weights, tiles };
}

/**
 * Opens what a command's videos need first.
 *
 * @throws {UsageError} If the manifest or an option of a codec is wrong.
 */
export async function openSession(command: InterpolateCommand): Promise<Session> {
  const toolkit = await openToolkit(command);
  const codecs = await toolkit.codecs({
    ffmpeg: { ffmpeg: command.ffmpeg },
    images: { ffmpeg: command.ffmpeg, ...command.inputFps && { rate: toNumber(command.inputFps) } },
  });
  let model: Promise<Model> | undefined, pixels = 0;
  return {
    toolkit,
    codecs,
    async model(frame, note) {
      const wanted = frame.width * frame.height;
      if (model && wanted <= pixels) return await model;
      const smaller = await model;
      pixels = wanted;
      model = (async () => {
        await smaller?.engine.close();
        return await openModel(toolkit, command, frame, note);
      })();
      return await model;
    },
    async checkModel() {
      await model;
    },
    async close() {
      const opened = await model?.catch(() => undefined);
      await opened?.engine.close();
      await Promise.all(codecs.map((codec) => codec.close?.()));
    },
  };
}
