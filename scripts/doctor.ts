/** `deno task doctor`: checks backends, ffmpeg, plugins and weights on this machine, and suggests fixes for problems. */
import { BACKENDS } from "@slomo/slomo/backends";
import { chooseBackend, openPairInterpolator } from "@slomo/engine";
import { type Finding, reasonOf } from "@slomo/core";
import type { Toolkit } from "@slomo/core/manifest";
import type { OptionTable, OptionValues } from "@slomo/core/options";
import { runScript, type Task, type TaskIo } from "./_cli.ts";
import { memoryLimit } from "./_memory.ts";
import { parseOptionsOnly } from "./_command.ts";
import { type CommandDefinition, SHARED_OPTIONS, withFlags } from "./_options.ts";
import { openModel, openToolkit } from "./_toolkit.ts";
import { machine } from "@slomo/slomo/gpu";
import type { WeightsFile } from "@slomo/weights";
import { inspectApart } from "./doctor/inspect_apart.ts";
import { inspectGpu } from "./doctor/inspect_gpu.ts";

const OPTIONS = {
  model: SHARED_OPTIONS.model,
  manifest: SHARED_OPTIONS.manifest,
  allowPlugins: SHARED_OPTIONS.allowPlugins,
  weights: SHARED_OPTIONS.weights,
  ffmpeg: { ...SHARED_OPTIONS.ffmpeg, group: "Model and backend" },
  gpu: {
    ...{ kind: "switch", group: "Model and backend" },
    help: "Also check the GPUs that TensorFlow finds: whether they compute correctly, and how fast",
  },
  measure: {
    ...{ kind: "switch", group: "Model and backend" },
    help: "Measure the GPU with the networks again, and remember which device is faster; takes about a minute",
  },
  json: { ...SHARED_OPTIONS.json, help: "Write the findings to standard output as JSON" },
} as const satisfies OptionTable;

const DOCTOR: CommandDefinition<typeof OPTIONS> = {
  name: "doctor",
  usage: ["[options]"],
  about: "Checks backends, ffmpeg, plugins and weights on this machine, and suggests fixes for problems.",
  options: OPTIONS,
};

const OLDEST_DENO = 2;

function inspectMachine(): Finding[] {
  const { total } = Deno.systemMemoryInfo(), gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const isOld = Number(Deno.version.deno.split(".")[0]) < OLDEST_DENO;
  return [
    {
      what: "Deno",
      state: isOld ? "broken" : "ok",
      found: `${Deno.version.deno} on ${Deno.build.target}`,
      fix: isOld ? `update it to ${OLDEST_DENO} or newer: deno upgrade` : undefined,
    },
    { what: "processor", state: "ok", found: `${navigator.hardwareConcurrency} cores` },
    {
      what: "memory",
      state: "ok",
      found: `${gib(Math.min(memoryLimit() ?? Infinity, Deno.systemMemoryInfo().available))} of ${gib(total)} free`,
    },
  ];
}

async function inspectToolkit(options: OptionValues<typeof OPTIONS>, signal: AbortSignal): Promise<Finding[]> {
  const toolkit = await openToolkit(options);
  const codecs = await toolkit.media({ ffmpeg: { ffmpeg: options.ffmpeg }, images: { ffmpeg: options.ffmpeg } });
  const findings = (await Promise.all(codecs.map((codec) => codec.inspect?.(signal) ?? []))).flat();
  const { finding, toolkit: chosen, file } = await inspectWeights(toolkit, options.weights);
  const plugins = toolkit.plugins.map(({ plugin }) => plugin.name).join(", ");
  return [
    { what: "plugins", state: "ok", found: plugins },
    ...findings,
    finding,
    ...await inspectGpu(machine(), options.measure && chosen ? { toolkit: chosen, weights: file } : undefined),
  ];
}

/** A check of the weights, and the weights with their networks if they are `ok`. */
interface CheckedWeights {
  readonly finding: Finding;
  readonly toolkit?: Toolkit | undefined;
  readonly file?: WeightsFile | undefined;
}

async function inspectWeights(given: Toolkit, path?: string): Promise<CheckedWeights> {
  try {
    const { toolkit, weights } = await openModel(given, path);
    const { backend } = await chooseBackend("cpu", "interpolate");
    await (await openPairInterpolator(backend, { toolkit, weights, flowScale: 1 })).dispose();
    const found = weights ? `${weights.location}, ${(weights.bytes.length / 2 ** 20).toFixed(1)} MiB` : "none needed";
    return { finding: { what: "weights", state: "ok", found }, toolkit, file: weights };
  } catch (error) {
    const fix = "set `weights` to a file, or add one to the manifest";
    return { finding: { what: "weights", state: "broken", found: reasonOf(error), fix } };
  }
}

/** Replaces options in a finding by flags. */
function inFlags({ found, fix, ...rest }: Finding): Finding {
  return { ...rest, found: withFlags(found, OPTIONS), fix: fix && withFlags(fix, OPTIONS) };
}

function print(findings: readonly Finding[], { out }: TaskIo): void {
  const sign = { ok: "ok     ", missing: "missing", broken: "BROKEN " };
  const width = Math.max(...findings.map(({ what }) => what.length));
  for (const { what, state, found, fix } of findings) {
    out(`${sign[state]}  ${what.padEnd(width)}  ${found}`);
    if (fix) out(`${" ".repeat(width + 11)}-> ${fix}`);
  }
}

async function examine(args: readonly string[], io: TaskIo): Promise<number> {
  const values = parseOptionsOnly(DOCTOR, args, io), backends: Finding[] = [];
  if (values === undefined) return 0;
  for (const { name } of BACKENDS) backends.push(...await inspectApart(`backend ${name}`, "backend", name));
  if (values.gpu) backends.push(...await inspectApart("tensorflow library", "tensorflow"));
  const toolkit = await inspectToolkit(values, io.signal)
    .catch((error): Finding[] => [{ what: "manifest", state: "broken", found: reasonOf(error) }]);
  io.signal.throwIfAborted();
  const findings = [...inspectMachine(), ...backends, ...toolkit].map(inFlags);
  if (values.json) io.out(JSON.stringify(findings, undefined, 2));
  else print(findings, io);
  return findings.some(({ state }) => state === "broken") ? 1 : 0;
}

/** The task `doctor`. */
export const doctor: Task = { commands: [DOCTOR], run: examine };

if (import.meta.main) await runScript(doctor);
