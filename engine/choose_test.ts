import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { UsageError } from "../core/errors.ts";
import type { TfjsBackend } from "./backend.ts";
import { chooseBackend } from "./choose.ts";

const NO = { code: "no-backend", option: "backend" } as const;

function fake(
  name: string,
  rank: number | undefined,
  outcome: { fails?: string; software?: boolean } = {},
): TfjsBackend {
  return {
    kind: "tfjs",
    name,
    module: import.meta.url,
    rank: rank === undefined ? {} : { interpolate: rank },
    threading: "caller",
    open() {
      if (outcome.fails) return Promise.reject(new UsageError(outcome.fails));
      const facts = {
        kind: "tfjs",
        name,
        device: `${name}'s device`,
        software: outcome.software ?? false,
        tolerance: 0,
      } as const;
      return Promise.resolve({ ...facts, close: () => Promise.resolve() });
    },
  };
}

Deno.test("chooseBackend() chooses the best backend that works, and reports why better ones are not used", async () => {
  const backends = [
    fake("plain", undefined),
    fake("slow", 1),
    fake("broken", 9, { fails: "no driver" }),
    fake("emulated", 5, { software: true }),
    fake("good", 3),
  ];
  const { backend, passedOver } = await chooseBackend("auto", "interpolate", {}, backends);
  equal(backend.name, "good");
  equal(passedOver, [
    { name: "broken", reason: "no driver" },
    { name: "emulated", reason: "emulated's device is slower than the CPU itself" },
  ]);
});

Deno.test("chooseBackend() chooses no backend without the requested precision", async () => {
  const backends = [fake("exact", 9), { ...fake("rough", 1), precisions: ["float32", "bfloat16"] as const }];
  const options = { precision: "bfloat16" } as const, reason = "exact computes in float32 only, not in bfloat16";
  const { backend, passedOver } = await chooseBackend("auto", "interpolate", options, backends);
  equal([backend.name, passedOver], ["rough", [{ name: "exact", reason }]]);
  await rejects(
    chooseBackend("exact", "interpolate", options, backends),
    new UsageError(reason, { code: "unsupported-precision", option: "precision" }),
  );
});

Deno.test("chooseBackend() skips a backend whose device does not support the precision, and reports it", async () => {
  const refusal = new UsageError("rough: cannot compute in bfloat16", {
    code: "unsupported-precision",
    option: "precision",
  });
  const precisions = ["float32", "bfloat16"] as const, options = { precision: "bfloat16" } as const;
  const refusing = { ...fake("rough", 9), precisions, open: () => Promise.reject(refusal) };
  const backends = [refusing, { ...fake("other", 1), precisions }];
  const { backend, passedOver } = await chooseBackend("auto", "interpolate", options, backends);
  equal([backend.name, passedOver], ["other", [{ name: "rough", reason: "rough: cannot compute in bfloat16" }]]);
  await rejects(chooseBackend("rough", "interpolate", options, backends), refusal);
  await rejects(chooseBackend("rough", "train", options, backends), refusal);
  await rejects(
    chooseBackend("auto", "interpolate", options, [refusing, fake("exact", 1)]),
    {
      code: "no-backend",
      message:
        "no backend works on this machine with `precision` bfloat16: rough: rough: cannot compute in bfloat16; " +
        "exact: exact computes in float32 only, not in bfloat16",
    },
  );
});

Deno.test("chooseBackend() by name also accepts a software adapter, and fails with the reason of the backend", async () => {
  const backends = [fake("emulated", 5, { software: true }), fake("broken", 9, { fails: "no driver" })];
  equal((await chooseBackend("emulated", "interpolate", {}, backends)).backend.software, true);
  await rejects(chooseBackend("broken", "interpolate", {}, backends), /no driver/);
  await rejects(
    chooseBackend("abacus", "interpolate", {}, backends),
    /"abacus"; `backend` can be auto, emulated, broken/,
  );
  await rejects(chooseBackend("auto", "train", {}, backends), /no backend works on this machine/);
});

Deno.test("chooseBackend() with a device chooses only backends that have it, and names them in errors", async () => {
  const backends = [
    fake("single", 9),
    { ...fake("cards", 5), devices: ["cpu", "gpu:N"] },
    { ...fake("broken", 7, { fails: "no driver" }), devices: ["cuda", "cpu"] },
  ];
  const on = (device: string, name = "auto") => chooseBackend(name, "interpolate", { device }, backends);
  equal((await on("gpu:12")).backend.name, "cards");
  equal((await on("cpu")).passedOver, [{ name: "broken", reason: "no driver" }]);
  const noDevice = { code: "no-device", option: "device" } as const;
  await rejects(on("cuda"), new UsageError("no backend works on this machine on `device` cuda: broken: no driver", NO));
  await rejects(
    on("gpu:x"),
    new UsageError(
      'auto: cannot compute on device "gpu:x": there is no such device; `device` can be cpu, gpu:N (cards) or cuda, cpu (broken)',
      noDevice,
    ),
  );
  await rejects(
    on("cuda", "single"),
    new UsageError(
      'single: cannot compute on device "cuda": there is no such device; set `backend` to broken',
      noDevice,
    ),
  );
  await rejects(chooseBackend("auto", "interpolate", { device: "cuda" }, [fake("single", 1)]), /leave out `device`/);
});
