/** `deno task doctor`: what slomo found on this machine, and how to mend what is missing. */
import { BACKENDS } from "@slomo/slomo/backends";
import { chooseBackend, openPairInterpolator } from "@slomo/engine";
import type { Finding } from "@slomo/core";
import type { Toolkit } from "@slomo/core/manifest";
import { runScript, type TaskIo } from "./_cli.ts";
import { memoryLimit } from "./_memory.ts";
import { helpText, parseOptions } from "./_options.ts";
import { openToolkit, openWeightsFile } from "./_toolkit.ts";
import { inspectApart } from "./doctor/inspect_apart.ts";

const OPTIONS = {
  manifest: { value: "FILE", help: "Manifest to check; slomo.json of the toolkit." },
  "allow-plugins": {
    help: "Load plugins from elsewhere that are not in the lock file yet; they can do whatever slomo can.",
  },
  weights: { value: "FILE", help: "Weights to check in place of the manifest's." },
  ffmpeg: { value: "PATH", help: "The ffmpeg to check." },
  gpu: { help: "Also what TensorFlow sees of cards, whether it computes right there, and how fast." },
  json: { help: "Findings as JSON." },
  help: { help: "Show this." },
} as const;

const OLDEST_DENO = 2;

/** The line of an error. */
const lineOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;

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

async function inspectToolkit(
  options: { manifest?: string; weights?: string; ffmpeg?: string; allowPlugins: boolean },
): Promise<Finding[]> {
  const toolkit = await openToolkit(options);
  const codecs = await toolkit.codecs({ ffmpeg: { ffmpeg: options.ffmpeg }, images: { ffmpeg: options.ffmpeg } });
  const findings = (await Promise.all(codecs.map((codec) => codec.inspect?.() ?? []))).flat();
  const plugins = toolkit.plugins.map(({ plugin }) => plugin.name).join(", ");
  return [
    { what: "plugins", state: "ok", found: plugins },
    ...findings,
    await inspectWeights(toolkit, options.weights),
  ];
}

async function inspectWeights(toolkit: Toolkit, path?: string): Promise<Finding> {
  try {
    const weights = await openWeightsFile(toolkit.manifest, path);
    const { backend } = await chooseBackend("cpu", "interpolate");
    await (await openPairInterpolator(backend, { toolkit, weights, flowScale: 1 })).dispose();
    const found = weights ? `${weights.location}, ${(weights.bytes.length / 2 ** 20).toFixed(1)} MiB` : "none needed";
    return { what: "weights", state: "ok", found };
  } catch (error) {
    return {
      what: "weights",
      state: "broken",
      found: lineOf(error),
      fix: "give --weights FILE, or name a file in the manifest",
    };
  }
}

function print(findings: readonly Finding[], { out }: TaskIo): void {
  const sign = { ok: "ok     ", missing: "missing", broken: "BROKEN " };
  const width = Math.max(...findings.map(({ what }) => what.length));
  for (const { what, state, found, fix } of findings) {
    out(`${sign[state]}  ${what.padEnd(width)}  ${found}`);
    if (fix) out(`${" ".repeat(width + 11)}-> ${fix}`);
  }
}

await runScript(async (args, io) => {
  const { options } = parseOptions(args, OPTIONS);
  if (options.help) {
    return io.out(helpText("deno task doctor [options]", "Says what works on this machine.", OPTIONS));
  }
  const backends: Finding[] = [];
  for (const { name } of BACKENDS) backends.push(...await inspectApart(`backend ${name}`, "backend", name));
  if (options.gpu) backends.push(...await inspectApart("tensorflow library", "tensorflow"));
  const { manifest, weights, ffmpeg } = options;
  const toolkit = await inspectToolkit({
    allowPlugins: options["allow-plugins"],
    ...manifest && { manifest },
    ...weights && { weights },
    ...ffmpeg && { ffmpeg },
  })
    .catch((error): Finding[] => [{ what: "manifest", state: "broken", found: lineOf(error) }]);
  const findings = [...inspectMachine(), ...backends, ...toolkit];
  if (options.json) io.out(JSON.stringify(findings, undefined, 2));
  else print(findings, io);
  return findings.some(({ state }) => state === "broken") ? 1 : 0;
});
