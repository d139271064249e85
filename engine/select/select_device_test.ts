import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { UsageError } from "../../core/errors.ts";
import type { Toolkit } from "../../core/manifest/toolkit.ts";
import { openWeights } from "../../weights/weights_file.ts";
import type { DeviceChoice, DeviceMeasurement, MeasureRequest, SelectionJob, SelectionPorts } from "./contracts.ts";
import { createDeviceSelector, sizeClassOf } from "./select_device.ts";

const RIGHT = { largest: 0.0004, mean: 0.00001 }, WRONG = { largest: 0.31, mean: 0.02 };
const FAST: DeviceMeasurement = { difference: RIGHT, milliseconds: { device: 41, cpu: 1730 } };
const SLOW: DeviceMeasurement = { difference: RIGHT, milliseconds: { device: 2000.4, cpu: 1730 } };
const BROKEN: DeviceMeasurement = { difference: WRONG };
const CRASHING = { failure: "its driver or library ends the process with SIGSEGV" };
const HANGING = { failure: "its driver does not answer" };
const MISSING = { failure: "onnx: device cuda does not work on this machine" };

const GPU = { name: "RTX 3060", vendor: "4318", software: false };

const manifest = { plugins: ["file:///plugin.ts"], use: { interpolator: { name: "blend" } } };
const JOB = {
  toolkit: { manifest } as unknown as Toolkit,
  weights: undefined,
  frame: { width: 1280, height: 720 },
  flowScale: 1,
  precision: "float32",
  threads: 2,
} as const satisfies SelectionJob;

/** A machine with devices `a` and `b`, whose measurements are given. */
function machine(
  results: Readonly<Record<string, DeviceMeasurement | { failure: string }>>,
  more: Partial<SelectionPorts> = {},
) {
  const stored = new Map<string, DeviceChoice>(), measured: MeasureRequest[] = [];
  const ports: SelectionPorts = {
    findAdapter: () => Promise.resolve(GPU),
    driverOf: () => Promise.resolve("1.0"),
    candidatesFor: () => Object.keys(results).map((device) => ({ backend: "onnx", device })),
    measure(request) {
      measured.push(request);
      return Promise.resolve(results[request.device]!);
    },
    choices: {
      read: (key) => Promise.resolve(stored.get(JSON.stringify(key))),
      write: (choice) => Promise.resolve(void stored.set(JSON.stringify(choice.key), choice)),
    },
    version: "1",
    ...more,
  };
  return { ports, select: createDeviceSelector(ports), measured, stored };
}

Deno.test("createDeviceSelector() starts nothing without an adapter, or with a software adapter", async () => {
  for (const adapter of [undefined, { ...GPU, name: "llvmpipe", software: true }]) {
    const { select, measured, stored } = machine({ a: FAST }, {
      findAdapter: () => Promise.resolve(adapter),
      driverOf: () => Promise.reject(new Error("is not asked")),
    });
    equal(await select(JOB), undefined);
    equal([measured.length, stored.size], [0, 0]);
  }
});

Deno.test("createDeviceSelector() chooses a device that computes correctly and faster than the CPU", async () => {
  const { select, measured } = machine({ a: FAST, b: FAST });
  equal(await select(JOB), {
    chosen: { backend: "onnx", device: "a" },
    note: "using the GPU RTX 3060: onnx on a: 41 ms for a pair of 1280×720, 1730 ms on the CPU",
  });
  equal(measured.map(({ device, size }) => [device, size]), [["a", { width: 1280, height: 720 }]]);
});

Deno.test("createDeviceSelector() chooses no device that is slow, wrong, crashing, hanging or missing, and says why", async () => {
  const reasons: [DeviceMeasurement | { failure: string }, string][] = [
    [SLOW, "2000 ms for a pair of 1280×720, 1730 ms on the CPU"],
    [BROKEN, "its frames are wrong: they differ from those of the CPU by up to 31 % of the range"],
    [CRASHING, CRASHING.failure],
    [HANGING, HANGING.failure],
    [MISSING, MISSING.failure],
  ];
  for (const [result, reason] of reasons) {
    const { select } = machine({ a: result });
    equal(await select(JOB), { chosen: undefined, note: `the GPU RTX 3060 is not used: onnx on a: ${reason}` });
    const other = machine({ a: result, b: FAST });
    equal((await other.select(JOB))!.chosen, { backend: "onnx", device: "b" });
    equal(other.measured.length, 2);
  }
});

Deno.test("createDeviceSelector() rejects a measurement whose frames are wrong", async () => {
  const { select } = machine({ a: { ...FAST, difference: WRONG } });
  equal((await select(JOB))!.chosen, undefined);
});

Deno.test("createDeviceSelector() remembers a choice, good or bad, by adapter, driver, model, size and settings", async () => {
  for (const result of [FAST, HANGING]) {
    const { select, measured, ports } = machine({ a: result });
    const first = await select(JOB);
    equal(await select(JOB), first);
    equal(await select({ ...JOB, frame: { width: 1300, height: 731 } }), first, "the same size class");
    equal(measured.length, 1);
    const weights = openWeights(
      await Deno.readFile(new URL("../../models/slomo-quarter.safetensors", import.meta.url)),
    );
    const jobs: SelectionJob[] = [
      { ...JOB, frame: { width: 640, height: 480 } },
      { ...JOB, weights },
      { ...JOB, threads: 4 },
      { ...JOB, flowScale: 0.5 },
      {
        ...JOB,
        toolkit: { manifest: { ...manifest, use: { interpolator: { name: "other" } } } } as unknown as Toolkit,
      },
    ];
    for (const [i, job] of jobs.entries()) {
      await select(job);
      await select(job);
      equal(measured.length, i + 2);
    }
    const machines: Partial<SelectionPorts>[] = [
      { driverOf: () => Promise.resolve("1.1") },
      { findAdapter: () => Promise.resolve({ ...GPU, name: "RTX 4090" }) },
      { version: "2" },
      { candidatesFor: () => [{ backend: "onnx", device: "a" }, { backend: "npu", device: "a" }] },
    ];
    for (const more of machines) {
      const before = measured.length, other = createDeviceSelector({ ...ports, ...more });
      await other(JOB);
      ok(measured.length > before);
      const after: number = measured.length;
      await other(JOB);
      equal(measured.length, after);
    }
  }
});

Deno.test("createDeviceSelector() reports that it measures, and only then", async () => {
  const { ports } = machine({ a: FAST }), told: string[] = [];
  const select = createDeviceSelector(ports, { onMeasure: (name) => told.push(name) });
  await select(JOB);
  await select(JOB);
  equal(told, ["RTX 3060"]);
});

Deno.test("createDeviceSelector() takes a slower device for a precision that the CPU lacks", async () => {
  const { select } = machine({ a: SLOW }), float16 = { ...JOB, precision: "float16" } as const;
  equal(await select(float16), {
    chosen: { backend: "onnx", device: "a" },
    note: "using the GPU RTX 3060: onnx on a: 2000 ms for a pair of 1280×720 in float16, 1730 ms on the CPU",
  });
});

Deno.test("createDeviceSelector() remembers nothing if it may not measure", async () => {
  const { select, stored } = machine({ a: FAST }, {
    measure: () => Promise.reject(new UsageError("may not start Deno")),
  });
  equal(await select(JOB), { chosen: undefined, note: "the GPU RTX 3060 is not used: may not start Deno" });
  equal(stored.size, 0);
  const failing = machine({ a: FAST }, { measure: () => Promise.reject(new TypeError("a bug")) });
  await rejects(failing.select(JOB), TypeError);
});

Deno.test("sizeClassOf() returns a size that needs no more memory than the frames", () => {
  const of = (width: number, height: number) => Object.values(sizeClassOf({ width, height })).join("×");
  equal([of(3840, 2160), of(1920, 1080), of(1280, 720), of(1279, 720), of(720, 1280), of(64, 64)], [
    ..."1920×1080 1920×1080 1280×720 640×360 1280×720 320×180".split(" "),
  ]);
  ok(sizeClassOf(undefined).width === 320);
});
