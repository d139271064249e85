import { deepStrictEqual as equal } from "node:assert/strict";
import type { DeviceChoice } from "@slomo/engine";
import type { Machine } from "@slomo/slomo/gpu";
import type { Toolkit } from "../../core/manifest/toolkit.ts";
import { inspectGpu } from "./inspect_gpu.ts";

const GPU = { name: "RTX 3060", vendor: "4318", software: false };
const manifest = { plugins: [], use: { interpolator: { name: "blend" } } };
const JOB = { toolkit: { manifest } as unknown as Toolkit, weights: undefined };

function machine(more: Partial<Machine> = {}): Machine {
  const stored = new Map<string, DeviceChoice>();
  return {
    findAdapter: () => Promise.resolve(GPU),
    driverOf: () => Promise.resolve("1.0"),
    candidatesFor: () => [{ backend: "onnx", device: "cuda" }, { backend: "onnx", device: "webgpu" }],
    measure: ({ device, size }) =>
      Promise.resolve(
        device === "cuda" ? { failure: "it is missing" } : {
          difference: { largest: 0, mean: 0 },
          milliseconds: { device: 40, cpu: size.width === 640 ? 30 : 2000 },
        },
      ),
    choices: {
      read: (key) => Promise.resolve(stored.get(JSON.stringify(key))),
      write: (choice) => Promise.resolve(void stored.set(JSON.stringify(choice.key), choice)),
      list: () => Promise.resolve([...stored.values()]),
      clear: () => Promise.resolve(stored.clear()),
    },
    version: "1",
    ...more,
  };
}

Deno.test("inspectGpu() reports a machine without a GPU, and a software adapter", async () => {
  const none = machine({ findAdapter: () => Promise.resolve(undefined) });
  equal(await inspectGpu(none, JOB), [{ what: "GPU", state: "missing", found: "none found; networks run on the CPU" }]);
  const software = machine({ findAdapter: () => Promise.resolve({ ...GPU, name: "llvmpipe", software: true }) });
  equal((await inspectGpu(software, JOB))[0]!.found, "llvmpipe is a software adapter, used by name only");
});

Deno.test("inspectGpu() shows the remembered choices of the GPU and its driver, and measures on request", async () => {
  const tested = machine();
  equal(await inspectGpu(tested), [
    { what: "GPU", state: "ok", found: "RTX 3060, not measured", fix: "measure it: deno task doctor --measure" },
  ]);
  const expected = [
    { what: "GPU", state: "ok", found: "RTX 3060" },
    ...(["640×360", "1280×720", "1920×1080"] as const).map((size) => {
      const isSmall = size === "640×360", cpu = isSmall ? 30 : 2000;
      return {
        what: `GPU, blend at ${size}`,
        state: isSmall ? "missing" : "ok",
        found: `${isSmall ? "not used" : "used"}, onnx on cuda: it is missing; ` +
          `onnx on webgpu: 40 ms for a pair of ${size}, ${cpu} ms on the CPU`,
      };
    }),
  ];
  equal(await inspectGpu(tested, JOB), expected);
  equal(await inspectGpu(tested), expected, "without measuring");
  const slower: Machine = {
    ...tested,
    measure: () => Promise.resolve({ failure: "its driver does not answer" }),
  };
  const states = (await inspectGpu(slower, JOB)).map(({ state }) => state);
  equal(states, ["ok", "missing", "missing", "missing"], "measures again");
  equal((await inspectGpu({ ...tested, driverOf: () => Promise.resolve("2.0") })).length, 1);
});
