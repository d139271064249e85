/** The methods that the benchmark compares. */
import { fromFileUrl } from "@std/path";
import type { Clips } from "./clips.ts";
import { DEFAULT_MODEL, type Size } from "./options.ts";
import { type Duration, measureProgram } from "./processes.ts";
import { RIFE_SCRIPT } from "./rife.ts";

/** Measurements of one turn of a method. */
export interface Turn {
  /** A whole command on two clips, the second of which has {@linkcode MORE_PAIRS} more frame pairs. */
  readonly command?: { readonly short: Duration; readonly long: Duration };
  /** Up to the first interpolated frame of a clip of two frames. */
  readonly startUp?: Duration | undefined;
  /** The networks alone, for one frame pair. */
  readonly networks?: Duration;
  /** Peak of the resident memory in bytes. */
  readonly peak: number;
}

/** A method, opened for one size. */
export interface Method {
  readonly name: string;
  /** Runs once what later runs keep in a cache. */
  warmUp?(): Promise<void>;
  /** Measures one turn. */
  measure(): Promise<Turn>;
}

/** Frames of the short clip: after them, the code is compiled, and minterpolate has begun. */
const SHORT = 12;

/** Frame pairs by which the long clip is longer than the short one. */
export const MORE_PAIRS = 12;

/** Frame pairs in a process that measures networks alone, after one that does not count. */
const PAIRS = "3";

/** Conditions of all methods. */
export interface Conditions {
  readonly size: Size;
  readonly clips: Clips;
  readonly threads: number;
  readonly signal: AbortSignal;
}

const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));
const NETWORKS = fromFileUrl(new URL("./networks.ts", import.meta.url));

/** Returns a model of slomo, on the CPU. */
export function slomoMethod(model: string, { size, clips, threads, signal }: Conditions): Method {
  const name = `slomo, ${model}`, options = model === DEFAULT_MODEL ? [] : ["--model", model];

  async function interpolate(frames: number) {
    const clip = await clips.make(frames), output = clip.replace(".mp4", "-out.mp4");
    const task = [Deno.execPath(), "task", "--quiet", "--config", CONFIG, "interpolate", clip, output, ...options];
    const given = ["--json", "--backend", "onnx", "--workers", `${threads}`];
    return await measureProgram(name, [...task, ...given], signal, isFirstInterpolated);
  }

  return {
    name,
    async warmUp() {
      await interpolate(2);
    },
    async measure() {
      const { first } = await interpolate(2);
      const short = await interpolate(SHORT), long = await interpolate(SHORT + MORE_PAIRS);
      const networks = [Deno.execPath(), "run", "-A", NETWORKS, model, size.join("x"), `${threads}`, PAIRS];
      return {
        command: { short: short.whole, long: long.whole },
        startUp: first,
        networks: JSON.parse((await measureProgram(name, networks, signal)).last),
        peak: Math.max(short.peak, long.peak),
      };
    },
  };
}

/** Returns whether a line of `interpolate --json` reports the first interpolated frame, which follows a source frame. */
export function isFirstInterpolated(line: string): boolean {
  const { type, done } = JSON.parse(line) as { readonly type: string; readonly done?: number };
  return type === "frame" && done === 2;
}

/** Name of RIFE's row, which the others are compared with. */
export const RIFE = "RIFE 4.25, PyTorch";

/** Returns RIFE's network. */
export function rifeMethod(python: string, weights: string, { size, threads, signal }: Conditions): Method {
  return {
    name: RIFE,
    async measure() {
      const command = [python, RIFE_SCRIPT, weights, size.join("x"), `${threads}`, PAIRS];
      const { last, peak } = await measureProgram(RIFE, command, signal);
      return { networks: JSON.parse(last), peak };
    },
  };
}

/** Returns ffmpeg's minterpolate, which outputs nothing for very short clips. */
export function minterpolateMethod(ffmpeg: string, { clips, threads, signal }: Conditions): Method {
  const name = "minterpolate, ffmpeg";

  async function interpolate(frames: number) {
    const clip = await clips.make(frames), output = clip.replace(".mp4", "-out.mp4"), limit = `${threads}`;
    const filter = ["-filter_threads", limit, "-vf", "minterpolate=fps=50", "-threads", limit];
    return await measureProgram(name, [ffmpeg, "-v", "error", "-i", clip, ...filter, output], signal);
  }

  return {
    name,
    async measure() {
      const first = await interpolate(SHORT), second = await interpolate(SHORT + MORE_PAIRS);
      return { command: { short: first.whole, long: second.whole }, peak: Math.max(first.peak, second.peak) };
    },
  };
}
