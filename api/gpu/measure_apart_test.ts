import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { createDeviceSelector, type MeasureRequest, type SelectionPorts } from "@slomo/engine";
import { openManifest } from "../manifest.ts";
import { createToolkit } from "../../core/manifest/toolkit.ts";
import { openWeightsFile } from "../models.ts";
import { withFolder } from "../../tests/_tools.ts";
import { storedChoices } from "./choices.ts";
import { machine } from "./machine.ts";
import { commandFor, measureApart, RESULT } from "./measure_apart.ts";

const manifest = await openManifest({ model: "small" });
const weights = await openWeightsFile(manifest.weights!);
const REQUEST: MeasureRequest = {
  ...{ backend: "onnx", device: "cpu", precision: "float32", flowScale: 1, threads: 1, frame: undefined },
  ...{ toolkit: (await createToolkit(manifest)).forWeights(weights.facts), weights },
  size: { width: 40, height: 30 },
};

/** Runs a script instead of the measurement. */
const running = (script: string) => [Deno.execPath(), "eval", script] as const;
const measure = (script: string) => measureApart(REQUEST, { command: running(script) });

Deno.test("a selector measures a device with the networks of the model, and remembers the result on disk", async () => {
  await withFolder(async (folder) => {
    const ports: SelectionPorts = {
      ...machine(),
      findAdapter: () => Promise.resolve({ name: "a CPU that poses as a GPU", vendor: "", software: false }),
      candidatesFor: () => [{ backend: "onnx", device: "cpu" }],
      measure: (request) => measureApart({ ...request, size: REQUEST.size }),
      choices: storedChoices(folder),
    };
    const selection = await createDeviceSelector(ports)(REQUEST);
    ok(/: onnx on cpu: [\d.]+ ms for a pair of 320×180, [\d.]+ ms on the CPU$/.test(selection!.note), selection!.note);
    const measure = () => Promise.reject(new Error("it is remembered"));
    equal(await createDeviceSelector({ ...ports, measure, choices: storedChoices(folder) })(REQUEST), selection);
    const [choice] = await storedChoices(folder).list(), [result] = choice!.results;
    ok("difference" in result! && result.difference.largest === 0);
    equal(choice!.networks, manifest.weights!.split("/").at(-1));
  });
});

Deno.test("measureApart() says why a device is missing", async () => {
  const device = Deno.build.os === "windows" ? "coreml" : "dml";
  const result = await measureApart({ ...REQUEST, device });
  ok("failure" in result && result.failure.startsWith(`onnx: device ${device} does not work`), JSON.stringify(result));
  ok(!result.failure.includes("; choose another"), result.failure);
});

Deno.test("measureApart() survives a driver that crashes, before or after it has read the request", async () => {
  const crashing = 'Deno.kill(Deno.pid, "SIGKILL"); while (true);';
  const failure = "its driver or library ends the process with SIGKILL";
  equal(await measure(crashing), { failure });
  equal(await measure(`await new Response(Deno.stdin.readable).bytes(); ${crashing}`), { failure });
  equal(await measure("Deno.exit()"), { failure: "its driver or library ends the process with exit code 0" });
  equal(await measure("Deno.exit(3)"), { failure: "its driver or library ends the process with exit code 3" });
});

Deno.test("measureApart() ends a driver that hangs", async () => {
  const limit = new AbortController(), hanging = running("while (true);");
  const result = measureApart(REQUEST, { command: hanging, limit: limit.signal });
  limit.abort();
  equal(await result, { failure: "its driver does not answer" });
});

Deno.test("measureApart() ignores what drivers print", async () => {
  const measurement = { difference: { largest: 0.5, mean: 0.1 } };
  const printed = JSON.stringify(RESULT + JSON.stringify(measurement));
  equal(
    await measure(`console.log("Mesa says hello"); console.error("x"); console.log(${printed}); console.log("{}")`),
    measurement,
  );
});

Deno.test({
  name: "measureApart() fails if this process may not start programs",
  permissions: { read: true, run: false },
  fn: () => rejects(measureApart(REQUEST), { name: "UsageError", message: /run with --allow-run=deno/ }),
});

Deno.test("measureApart() fails if Deno does not start", async () => {
  await rejects(measureApart(REQUEST, { command: ["/nowhere/deno"] }), {
    name: "UsageError",
    message: /^it cannot be measured: Deno does not start: .*; check \/nowhere\/deno, or set `device`$/,
  });
});

Deno.test("the process that measures may read and load libraries, and nothing else", () => {
  const plugins = ["file:///a.ts", "https://example.com/plugin.ts", "jsr:@a/b"];
  const toolkit = { manifest: { ...manifest, plugins } } as unknown as MeasureRequest["toolkit"];
  const flags = commandFor({ toolkit }).filter((flag) => flag.startsWith("--allow"));
  equal(flags.map((flag) => flag.replace(/=.*/, "")), ["--allow-read", "--allow-ffi", "--allow-env", "--allow-import"]);
  equal(flags.at(-1), "--allow-import=jsr.io:443,example.com:443");
  ok(!/[=,](\*|[A-Z]*(TOKEN|KEY)[A-Z]*)(,|$)/.test(flags[2]!), flags[2]);
});
