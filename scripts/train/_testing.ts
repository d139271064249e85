/** Trains on every backend in tests. */
import { join } from "@std/path";
import { equal, ok } from "node:assert/strict";
import { inRepo, task, withFolder } from "../../tests/_tools.ts";

const REQUIRED = (Deno.env.get("SLOMO_REQUIRE_BACKENDS") ?? "").split(",");
/** Steps of a run. */
const STEPS = 20;
/** Relative tolerance of losses: backends round float32 sums differently, and training accumulates the differences. */
const TOLERANCE = 1e-4;

const NETWORK = { width: 1 / 64, flowScale: 20 };

const SMALL = {
  preset: "quick",
  steps: STEPS,
  every: { report: 1, validate: STEPS, checkpoint: STEPS },
};

/** Runs the task in a separate process, and returns its error output. Stops it when `signal` is aborted. */
async function trainApart(
  args: readonly string[],
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", inRepo("scripts/train.ts"), ...args],
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", SLOMO_DEBUG: "" },
  }).spawn();
  signal.addEventListener("abort", () => child.kill());
  const errors = new Response(child.stderr).text();
  let rest = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split("\n");
    rest = lines.pop()!;
    lines.forEach(onLine);
  }
  await child.status;
  return await errors;
}

/** Returns the losses of the first `steps` steps, or the reason why the backend does not work on this machine. */
async function lossesOn(backend: string, folder: string, steps: number): Promise<number[] | string> {
  const losses: number[] = [], stop = new AbortController();
  const onLine = (line: string) => {
    const fact = JSON.parse(line);
    if (fact.type !== "report" || losses.length === steps) return;
    losses.push(fact.losses.total);
    if (losses.length === steps && steps < STEPS) stop.abort();
  };
  const out = ["--out", join(folder, backend), "--backend", backend];
  const args = ["--config", join(folder, "small.json"), ...out, "--json"];
  // The libraries of TensorFlow and of Mesa's WebGPU crash each other in one process.
  const err = ["tensorflow", "webgpu"].includes(backend)
    ? await trainApart(args, stop.signal, onLine)
    : (await task("train", args, { signal: stop.signal, onLine })).err;
  return losses.length === steps ? losses : err.trim().split("\n").at(-1)!;
}

/**
 * Compares the losses of the first steps of a run on some backends with those on `wasm`, in one step of a test per backend.
 *
 * @param steps Number of steps by backend.
 * @param options More options of both networks, and the size of crops in pixels.
 */
export async function compareFirstSteps(
  t: Deno.TestContext,
  steps: Readonly<Record<string, number>>,
  { size = 32, ...options }: { readonly size?: number } & Readonly<Record<string, number | readonly number[]>> = {},
): Promise<void> {
  const network = { ...NETWORK, ...options }, model = { flowEstimator: network, interpolator: network };
  const crops = [{ size, batch: 1, weight: 1 }], validation = { samples: 1, size };
  await withFolder(async (folder, at) => {
    await Deno.writeTextFile(at("small.json"), JSON.stringify({ ...SMALL, model, crops, validation }));
    const most = Math.max(...Object.values(steps)), expected = await lossesOn("wasm", folder, most) as number[];
    equal(expected.length, most, `${expected}`);
    for (const [backend, count] of Object.entries(steps)) {
      const losses = await lossesOn(backend, folder, count);
      const isMissing = typeof losses === "string" && !REQUIRED.includes(backend);
      await t.step({
        name: isMissing ? `${backend}: ignored, ${losses}` : `${count} steps on ${backend}`,
        ignore: isMissing,
        fn() {
          ok(typeof losses !== "string", `${losses}`);
          equal(losses.length, count);
          losses.forEach((loss, i) =>
            ok(Math.abs(loss / expected[i]! - 1) < TOLERANCE, `step ${i}: ${loss}, ${expected[i]}`)
          );
        },
      });
    }
  });
}
