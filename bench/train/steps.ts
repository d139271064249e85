/** Measures training steps, each case in its own process. */
import { JobError } from "@slomo/core";
import { fromFileUrl } from "@std/path";
import { memoryVariables } from "../../scripts/start/memory.ts";
import type { Duration, RunFacts, StepTimes } from "./case.ts";

/** Samples and steps of a case, as numbers in decimal. */
export interface Samples {
  /** Pixels a side. */
  readonly size: string;
  /** Samples per batch. */
  readonly batch: string;
  readonly steps: string;
}

const path = (relative: string) => fromFileUrl(new URL(relative, import.meta.url));

/** Variables with which the task `train` starts. */
const ENVIRONMENT = memoryVariables(true);

async function measure<T>(command: string, ...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], env: ENVIRONMENT }).output();
  const lastLine = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim().split("\n").at(-1)!;
  if (code !== 0) {
    throw new JobError(`training: cannot measure a step: ${lastLine(stderr)}`, { code: "program-failed" });
  }
  return JSON.parse(lastLine(stdout));
}

function measureBackend<T>(mode: string, backend: string, { size, batch, steps }: Samples): Promise<T> {
  const [name = "", precision = "float32"] = backend.split(":");
  return measure(Deno.execPath(), "run", "-A", path("./case.ts"), mode, name, precision, size, batch, steps);
}

/** Measures the best of several steps on a backend; a precision follows its name after a colon. */
export function measureStep(backend: string, samples: Samples): Promise<StepTimes> {
  return measureBackend("step", backend, samples);
}

/** Measures a run with a loader on a backend. */
export function measureRun(backend: string, samples: Samples): Promise<RunFacts> {
  return measureBackend("run", backend, samples);
}

/** Measures the best of several steps in a Python with torch and safetensors. */
export function measurePytorch(python: string, { size, batch, steps }: Samples): Promise<Duration> {
  const weights = path("../../models/slomo-half.safetensors"), threads = `${navigator.hardwareConcurrency}`;
  return measure(python, path("./pytorch.py"), weights, size, batch, threads, steps);
}
