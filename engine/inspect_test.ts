import { deepStrictEqual as equal } from "node:assert/strict";
import { UsageError } from "../core/errors.ts";
import type { BackendDefinition } from "./backend.ts";
import { inspectBackend } from "./inspect.ts";

Deno.test("inspectBackend() tells the device or why there is none, and closes what it opened", async () => {
  const closed: string[] = [];
  const works = (name: string, software: boolean): BackendDefinition => ({
    ...{ name, module: import.meta.url, rank: {}, singleThreaded: false },
    open() {
      const close = () => Promise.resolve(void closed.push(name));
      return Promise.resolve({ name, device: `${name}'s device`, software, tolerance: 0, close });
    },
  });
  const broken = {
    ...works("broken", false),
    open: () => Promise.reject(new UsageError("broken: no driver\n  at the second line")),
  };
  equal(await Promise.all([works("good", false), broken, works("imitated", true)].map(inspectBackend)), [
    { what: "backend good", state: "ok", found: "good's device" },
    { what: "backend broken", state: "missing", found: "broken: no driver" },
    {
      what: "backend imitated",
      state: "ok",
      found: "imitated's device; slower than the CPU itself, used by name only",
    },
  ]);
  equal(closed, ["good", "imitated"]);
});
