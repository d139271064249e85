import { fromFileUrl, join } from "@std/path";
import { equal, ok } from "node:assert/strict";

const SCRIPT = fromFileUrl(new URL("../train.ts", import.meta.url));
const REQUIRED = (Deno.env.get("SLOMO_REQUIRE_BACKENDS") ?? "").split(",");
const STEPS = 20;
/** Relative tolerance of losses: backends round float32 sums differently, and training accumulates the differences. */
const TOLERANCE = 1e-4;

const SMALL = {
  preset: "quick",
  steps: STEPS,
  model: { flowEstimator: { width: 1 / 64, flowScale: 20 }, interpolator: { width: 1 / 64, flowScale: 20 } },
  crops: [{ size: 32, batch: 1, weight: 1 }],
  every: { report: 1, validate: STEPS, checkpoint: STEPS },
  validation: { samples: 1, size: 32 },
};

/** Returns the losses of the first `steps` steps, or the reason why the backend does not work on this machine. */
async function lossesOn(backend: string, folder: string, steps: number): Promise<number[] | string> {
  const config = join(folder, "small.json"), losses: number[] = [];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", SCRIPT, "--config", config, "--out", join(folder, backend), "--backend", backend, "--json"],
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", SLOMO_DEBUG: "" },
  }).spawn();
  const errors = new Response(child.stderr).text();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  let rest = "";
  for await (const part of lines) {
    const whole = (rest + part).split("\n");
    rest = whole.pop()!;
    for (const fact of whole.map((line) => JSON.parse(line))) {
      if (fact.type === "report") losses.push(fact.losses.total);
    }
    if (losses.length >= steps) break;
  }
  if (losses.length < STEPS) {
    try {
      child.kill();
    } catch {
      // The process has already ended.
    }
  }
  await child.status;
  return losses.length >= steps ? losses.slice(0, steps) : (await errors).trim().split("\n").at(-1)!;
}

Deno.test("the same seed gives the same first steps on all backends", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "slomo-backends-" });
  try {
    await Deno.writeTextFile(join(folder, "small.json"), JSON.stringify(SMALL));
    const expected = await lossesOn("wasm", folder, STEPS) as number[];
    equal(expected.length, STEPS, `${expected}`);
    // Plain JavaScript takes a second per step.
    for (const [backend, steps] of [["cpu", 4], ["tensorflow", STEPS], ["webgpu", STEPS]] as const) {
      const losses = await lossesOn(backend, folder, steps);
      const isMissing = typeof losses === "string" && !REQUIRED.includes(backend);
      await t.step({
        name: isMissing ? `${backend}: ignored, ${losses}` : `${steps} steps on ${backend}`,
        ignore: isMissing,
        fn() {
          ok(typeof losses !== "string", `${losses}`);
          equal(losses.length, steps);
          losses.forEach((loss, i) =>
            ok(Math.abs(loss / expected[i]! - 1) < TOLERANCE, `step ${i}: ${loss}, ${expected[i]}`)
          );
        },
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
