import { JobError } from "@slomo/core";
import type { TimePoint } from "@slomo/core/retime";
import { add, divide, type Rational, rational, subtract, toNumber } from "@slomo/core/time";
import { fileArgument, type ProbedStream } from "../ffprobe.ts";
import { timestampOption } from "../discontinuity.ts";
import { processError, startProcess } from "../process.ts";
import { audioPart, trimFilter } from "./audio_part.ts";
import { asRetiming, type Placement } from "./placement.ts";
import type { StreamCopy } from "./streams.ts";
import { isUnchanged } from "./tempo.ts";
import type { WriteJob } from "./write_job.ts";

/** Samples per second of the audio in which onsets are sought. */
const RATE = 8000;

/** Samples per step, whose energies are compared: 2.5 ms. */
const STEP = 20;

/** Steps before an onset that are its background. */
const BACKGROUND = 16;

/** Least ratio of the energy of an onset to that of its background. */
const RISE = 10;

/** Mean energy of the samples of a step below which it is silent. */
const FLOOR = 1e-6;

/** Steps from one onset to the next. */
const DISTANCE = 40;

/** Most onsets of a stream; the strongest are kept. */
const MOST = 150;

/** Part of the highest energy of an onset at which it begins: before it, resampling rings. */
const BEGINNING = 0.1;

/** A sudden sound. */
interface Onset {
  /** Number of its first sample. */
  sample: number;
  /** How much louder it is than its background. */
  readonly strength: number;
}

/** Finds sudden sounds in samples as they arrive. */
export class OnsetDetector {
  readonly #found: Onset[] = [];
  readonly #past: number[] = [];
  /** Energies of the samples of this step and of the one before. */
  #energies: number[] = [];
  #step = 0;
  /** The onset that began in the step before, whose first sample is sought. */
  #begun: Onset | undefined;

  /** Adds samples, in [−1, 1]. */
  add(samples: Float32Array): void {
    for (const sample of samples) {
      this.#energies.push(sample * sample);
      if (this.#energies.length % STEP === 0) this.#end();
    }
  }

  /** Ends a step. */
  #end(): void {
    const energies = this.#energies, energy = energies.slice(-STEP).reduce((sum, value) => sum + value, 0) / STEP;
    if (this.#begun) {
      const peak = Math.max(...energies), first = energies.findIndex((value) => value >= BEGINNING * peak);
      this.#begun.sample = (this.#step - 1) * STEP + first;
      this.#begun = undefined;
    }
    const background = this.#past.reduce((sum, value) => sum + value, 0) / BACKGROUND;
    const last = this.#found.at(-1), sample = this.#step * STEP;
    const isFar = !last || sample - last.sample >= DISTANCE * STEP;
    if (this.#past.length === BACKGROUND && isFar && energy > FLOOR && energy > RISE * background) {
      this.#begun = { sample, strength: energy / (background + FLOOR) };
      this.#found.push(this.#begun);
    }
    this.#past.push(energy);
    if (this.#past.length > BACKGROUND) this.#past.shift();
    this.#energies = energies.slice(-STEP);
    this.#step++;
  }

  /**
   * Returns the times of the strongest onsets in seconds from the first sample, in order.
   *
   * @param isUsed Tests whether an onset at a time, in seconds, is of use.
   */
  times(isUsed: (seconds: number) => boolean): Rational[] {
    const used = this.#found.filter(({ sample }) => isUsed(sample / RATE));
    const strongest = used.toSorted((a, b) => b.strength - a.strength).slice(0, MOST);
    return strongest.map(({ sample }) => sample).sort((a, b) => a - b).map((sample) => rational(sample, RATE));
  }
}

/** Returns the parts of the source that do not play at their own speed, in seconds. */
function changedParts({ retiming }: Placement): (readonly [from: number, to: number])[] {
  const { map: { points }, start } = retiming!, time = ({ source }: TimePoint) => toNumber(add(start, source));
  const parts = points.slice(1).flatMap((to, i) => {
    const from = points[i]!, speed = divide(subtract(to.source, from.source), subtract(to.output, from.output));
    return isUnchanged(speed) ? [] : [[time(from), time(to)] as const];
  });
  const [a, b] = [points.at(-2), points.at(-1)];
  // The last speed goes on.
  const isOpen = a && b && parts.at(-1)?.[1] === time(b);
  return isOpen ? [...parts.slice(0, -1), [parts.at(-1)![0], Infinity]] : parts;
}

/**
 * Finds the sudden sounds of an audio stream, in seconds of the source. They are played at their own speed, because
 * stretching would blur or repeat them.
 *
 * @throws {JobError} If ffmpeg fails.
 */
async function findOnsets(
  { tools, source, options: { signal } }: WriteJob,
  stream: ProbedStream,
  placement: Placement,
): Promise<Rational[]> {
  const part = audioPart(stream, placement), detector = new OnsetDetector(), parts = changedParts(placement);
  const child = startProcess(tools.ffmpeg, [
    ...["-nostdin", "-v", "error", ...timestampOption(source!.details.joined)],
    ...["-i", fileArgument(source!.info.location), "-map", `0:${stream.index}`, "-vn", "-ac", "1"],
    ...["-af", `aresample=async=1,${trimFilter(part)},aresample=${RATE}`, "-f", "f32le", "pipe:1"],
  ], { signal });
  try {
    let rest = new Uint8Array();
    for await (const chunk of child.output()) {
      const bytes = new Uint8Array(rest.length + chunk.length), whole = bytes.length - bytes.length % 4;
      bytes.set(rest);
      bytes.set(chunk, rest.length);
      detector.add(new Float32Array(bytes.buffer, 0, whole / 4));
      rest = bytes.slice(whole);
    }
    const exit = await child.exit;
    signal?.throwIfAborted();
    if (exit.code !== 0 || exit.signal) {
      throw processError(tools.ffmpeg, exit, `reading audio of ${source!.info.location}`);
    }
  } catch (error) {
    // Damaged audio is stretched without onsets.
    if (!(error instanceof JobError)) throw error;
  } finally {
    await child.kill();
  }
  const begin = toNumber(part.from);
  const isChanged = (time: number) => parts.some(([from, to]) => time >= from && time <= to);
  return detector.times((seconds) => isChanged(begin + seconds)).map((time) => add(part.from, time));
}

/** Finds the onsets of all audio streams that are stretched. */
export async function findAllOnsets(
  job: WriteJob,
  placement: Placement,
): Promise<ReadonlyMap<StreamCopy, readonly Rational[]>> {
  const { streams: { copies }, source, options: { copy } } = job, found = new Map<StreamCopy, readonly Rational[]>();
  const stretched = asRetiming(placement);
  if (!source || !stretched.retiming || copy?.audio !== "stretch") return found;
  for (const copy of copies) {
    if (copy.stream.codec_type === "audio") found.set(copy, await findOnsets(job, copy.stream, stretched));
  }
  return found;
}
