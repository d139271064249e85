import { deepStrictEqual as equal, match } from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { testOnTensorflow } from "../engine/tensorflow/_testing.ts";

const path = (name: string) => fromFileUrl(new URL(name, import.meta.url));
const BFLOAT16 = ["--backend", "tensorflow", "--device", "cpu", "--precision", "bfloat16"];

/** Small networks, so that a step is fast. */
const SMALL = {
  preset: "quick",
  steps: 2,
  model: { flowEstimator: { width: 1 / 64, flowScale: 20 }, interpolator: { width: 1 / 64, flowScale: 20 } },
  crops: [{ size: 32, batch: 1, weight: 1 }],
  every: { report: 1, validate: 2, checkpoint: 2 },
  validation: { samples: 1, size: 32 },
};

const exists = (file: string) => Deno.lstat(file).then(() => true, () => false);

/** Runs a task in bfloat16, and checks that it succeeds, or fails with one line before it creates `output`. */
async function checkTask(script: string, args: readonly string[], output: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", path(script), ...args, ...BFLOAT16],
    env: { NO_COLOR: "1", SLOMO_DEBUG: "" },
  }).output();
  const error = new TextDecoder().decode(stderr);
  equal(await exists(output), code === 0, error);
  if (code === 0) return;
  equal(code, 2, error);
  match(error, /^slomo: tensorflow: cannot compute in bfloat16 on CPU:0: .*; set --precision to float32\n$/);
}

testOnTensorflow("interpolate and train compute in bfloat16, or reject it before work starts", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "slomo-precision-" });
  try {
    const config = join(folder, "small.json"), run = join(folder, "run"), video = join(folder, "out.mp4");
    await Deno.writeTextFile(config, JSON.stringify(SMALL));
    await t.step(
      "interpolate",
      () => checkTask("interpolate.ts", [path("../examples/clip.mp4"), video, "--end", "0.1"], video),
    );
    await t.step("train", () => checkTask("train.ts", ["--config", config, "--out", run], run));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
