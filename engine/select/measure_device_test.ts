import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { UsageError } from "../../core/errors.ts";
import type { Toolkit } from "../../core/manifest/toolkit.ts";
import type { BackendOptions, GraphRuntime } from "../backend.ts";
import type { NetworkRunner, Values } from "../pair/network_runner.ts";
import type { MeasureRequest } from "./contracts.ts";
import { measureDevice } from "./measure_device.ts";

/** A runtime that blends frames; its device `gpu` adds an error to each sample. */
function fake(error: number, events: string[], more: Partial<GraphRuntime> = {}): GraphRuntime {
  return {
    ...{ kind: "graph-runtime", name: "fake", module: import.meta.url, rank: {}, threading: "own" },
    devices: ["cpu", "gpu", "missing"],
    open({ device = "", precision }: BackendOptions = {}) {
      if (device === "missing") return Promise.reject(new UsageError("there is none"));
      events.push(`open ${device} in ${precision ?? "float32"}`);
      const runner: NetworkRunner<readonly [Values, Values], undefined> = {
        labels: { flow: "flow", interpolation: "interpolation" },
        prepare: ({ width, height }) => Promise.resolve(void events.push(`${device} ${width}×${height}`)),
        load: (first, second) => [first, second],
        estimateFlow: () => Promise.resolve(undefined),
        interpolate: ([first, second]) =>
          Promise.resolve({ frame: first.map((x, i) => (x + second[i]!) / 2 + (device === "gpu" ? error : 0)) }),
        flowValues: () => Promise.resolve(new Float32Array()),
        release: () => {},
        dispose: () => Promise.resolve(void events.push(`dispose ${device}`)),
      };
      const facts = { kind: "graph-runtime", name: "fake", device, software: false, tolerance: 0 } as const;
      return Promise.resolve({
        ...facts,
        createRunner({ threads }) {
          events.push(`${threads} threads`);
          return Promise.resolve(runner as NetworkRunner);
        },
        close: () => Promise.resolve(void events.push(`close ${device}`)),
      });
    },
    ...more,
  };
}

const REQUEST: MeasureRequest = {
  ...{ backend: "fake", device: "gpu", precision: "float32", flowScale: 1, threads: 1, frame: undefined },
  ...{ toolkit: {} as Toolkit, weights: undefined, size: { width: 32, height: 16 } },
};

Deno.test("measureDevice() compares a small pair, then times one of the requested size on both devices", async () => {
  const events: string[] = [];
  const { difference, milliseconds } = await measureDevice(fake(0.0005, events), REQUEST);
  ok(difference.largest > 0.0004 && difference.largest < 0.0006 && difference.mean > 0.0004);
  ok(milliseconds!.device > 0 && milliseconds!.cpu > 0);
  equal(events, [
    ...[
      "open gpu in float32",
      "1 threads",
      "gpu 112×80",
      "open cpu in float32",
      "1 threads",
      "cpu 112×80",
      "gpu 32×16",
      "gpu 32×16",
      "cpu 32×16",
    ],
    ...["dispose gpu", "close gpu", "dispose cpu", "close cpu"],
  ]);
});

Deno.test("measureDevice() times one worker of those that share the threads of the CPU, for its part of the pairs", async () => {
  const events: string[] = [], { now } = performance;
  const runtime = fake(0, events, { threadsPerWorker: 2, memory: { fixed: 1000, factor: 1 } });
  const toolkit = {
    manifest: { use: { interpolator: { name: "blend" } } },
    plugins: [{ plugin: { provides: [{ slot: "interpolator", name: "blend" }] } }],
    networks: () => Promise.resolve({ interpolator: { multiple: 1, memory: { bytesPerPixel: 1 } } }),
  } as unknown as Toolkit;
  let clock = 0;
  const slow: GraphRuntime = {
    ...runtime,
    async open(options) {
      const opened = await runtime.open(options);
      return {
        ...opened,
        async createRunner(setup) {
          const runner = await opened.createRunner(setup);
          return { ...runner, estimateFlow: (pair) => (clock += 40, runner.estimateFlow(pair)) };
        },
      };
    },
  };
  try {
    performance.now = () => clock;
    const { milliseconds } = await measureDevice(slow, { ...REQUEST, toolkit, threads: 9 });
    equal(milliseconds, { device: 40, cpu: 10 });
  } finally {
    performance.now = now;
  }
  equal(events.filter((event) => event.endsWith("threads")), ["9 threads", "2 threads"]);
});

Deno.test("measureDevice() does not time a device whose frames are wrong, and compares with float32", async () => {
  const events: string[] = [], request = { ...REQUEST, precision: "float16" } as const;
  const { difference, milliseconds } = await measureDevice(fake(0.2, events), request);
  ok(Math.abs(difference.largest - 0.2) < 1e-3 && milliseconds === undefined);
  equal(events.filter((event) => event.startsWith("open")), ["open gpu in float16", "open cpu in float32"]);
  equal(events.filter((event) => event.startsWith("close")), ["close gpu", "close cpu"]);
});

Deno.test("measureDevice() passes on why a device does not work", async () => {
  await rejects(measureDevice(fake(0, []), { ...REQUEST, device: "missing" }), new UsageError("there is none"));
});
