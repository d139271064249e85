import { type Codec, openEngine, type PairEngine, toNumber, type Toolkit } from "@slomo/core";
import type { WeightsFile } from "@slomo/core/weights";
import { openToolkit, openWeightsFile } from "../_toolkit.ts";
import { createPairWorker } from "../_worker.ts";
import type { InterpolateCommand } from "./options.ts";

/** An engine with the model that it runs. */
export interface Model {
  /** Fills pairs. */
  readonly engine: PairEngine;
  /** Weights of its networks, where they have any. */
  readonly weights: WeightsFile | undefined;
}

/** What the films of one command share. */
export interface Session {
  /** Of the command's manifest. */
  readonly toolkit: Toolkit;
  /** In the manifest's order. */
  readonly codecs: readonly Codec[];
  /**
   * The engine, opened when the first film asks for it; `note` is then told which it is.
   *
   * @throws {UsageError} If plugins, options and weights do not fit each other.
   */
  model(note: (message: string) => void): Promise<Model>;
  /** Throws what opening the engine failed with, if it did: then no other film will fare better. */
  checkModel(): Promise<void>;
  /** Frees all of it. */
  close(): Promise<void>;
}

async function openModel(toolkit: Toolkit, command: InterpolateCommand, note: (message: string) => void) {
  const weights = await openWeightsFile(toolkit.manifest, command.weights);
  const { engine, passedOver } = await openEngine({
    manifest: toolkit.manifest,
    weights,
    backend: command.backend,
    device: command.device,
    precision: command.precision,
    flowScale: command.flowScale,
    workers: command.workers ?? navigator.hardwareConcurrency,
    createWorker: createPairWorker,
  });
  for (const { name, reason } of passedOver) note(`${name} is not used: ${reason}`);
  note(`computing on ${engine.backend} (${engine.device})`);
  return { engine, weights };
}

/**
 * Opens what a command's films need first.
 *
 * @throws {UsageError} If the manifest or an option of a codec is wrong.
 */
export async function openSession(command: InterpolateCommand): Promise<Session> {
  const toolkit = await openToolkit(command);
  const codecs = await toolkit.codecs({
    ffmpeg: { ffmpeg: command.ffmpeg },
    images: { ffmpeg: command.ffmpeg, ...command.inputFps && { rate: toNumber(command.inputFps) } },
  });
  let model: Promise<Model> | undefined;
  return {
    toolkit,
    codecs,
    model: (note) => model ??= openModel(toolkit, command, note),
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
