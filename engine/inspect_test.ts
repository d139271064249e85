import { deepStrictEqual as equal } from "node:assert/strict";
import { UsageError } from "../core/errors.ts";
import type { TfjsBackend } from "./backend.ts";
import { inspectBackend } from "./inspect.ts";

Deno.test("inspectBackend() reports the device or the reason for its absence, and closes the backend", async () => {
  const closed: string[] = [];
  const works = (name: string, software: boolean): TfjsBackend => ({
    ...{ name, module: import.meta.url, rank: {}, kind: "tfjs", threading: "caller" },
    open() {
      const close = () => Promise.resolve(void closed.push(name));
      return Promise.resolve({ kind: "tfjs", name, device: `${name}'s device`, software, tolerance: 0, close });
    },
  });
  const broken = {
    ...works("broken", false),
    open: () => Promise.reject(new UsageError("broken: no driver\n  at the second line")),
  };
  equal((await Promise.all([works("good", false), broken, works("emulated", true)].map(inspectBackend))).flat(), [
    { what: "backend good", state: "ok", found: "good's device" },
    { what: "backend broken", state: "missing", found: "broken: no driver" },
    {
      what: "backend emulated",
      state: "ok",
      found: "emulated's device; slower than the CPU itself, used by name only",
    },
  ]);
  equal(closed, ["good", "emulated"]);
});

Deno.test("inspectBackend() reports each precision of a backend that works", async () => {
  const closed: string[] = [];
  const rough = (refused?: string): TfjsBackend => ({
    ...{ name: "rough", module: import.meta.url, rank: {}, kind: "tfjs", threading: "caller" },
    precisions: ["float32", "bfloat16"],
    open({ precision = "float32" } = {}) {
      if (precision === refused) return Promise.reject(new UsageError(`cannot compute in ${precision}`));
      const close = () => Promise.resolve(void closed.push(precision));
      const facts = { kind: "tfjs", name: "rough", software: false, tolerance: 0 } as const;
      return Promise.resolve({ ...facts, device: `a device in ${precision}`, close });
    },
  });
  const works = { what: "backend rough", state: "ok", found: "a device in float32" };
  const what = "backend rough in bfloat16";
  equal(await inspectBackend(rough()), [works, { what, state: "ok", found: "a device in bfloat16" }]);
  equal(await inspectBackend(rough("bfloat16")), [works, {
    what,
    state: "missing",
    found: "cannot compute in bfloat16",
  }]);
  equal(await inspectBackend(rough("float32")), [
    { what: "backend rough", state: "missing", found: "cannot compute in float32" },
  ]);
  equal(closed, ["float32", "bfloat16", "float32"]);
});
