import { deepStrictEqual as equal } from "node:assert/strict";
import { UsageError } from "../core/errors.ts";
import type { TfjsBackend } from "./backend.ts";
import { inspectBackend } from "./inspect.ts";

Deno.test("inspectBackend() reports the device or why there is none, and closes the backend", async () => {
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
  equal(await Promise.all([works("good", false), broken, works("emulated", true)].map(inspectBackend)), [
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
