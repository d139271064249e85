import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { UsageError } from "../../core/errors.ts";
import { completeConfig, PRESETS } from "./presets.ts";

const refuses = (given: Record<string, unknown>, pattern: RegExp) =>
  throws(() => completeConfig(given, "c.json"), (error) => error instanceof UsageError && pattern.test(error.message));

Deno.test("completeConfig() fills in the preset's values", () => {
  for (const preset of Object.keys(PRESETS)) equal(completeConfig({ preset }, "c.json"), PRESETS[preset]);
  equal(completeConfig({ steps: 7 }, "c.json"), { ...PRESETS["recipe"], steps: 7 });
});

Deno.test("completeConfig() refuses what does not fit, naming the place", () => {
  refuses({ preset: "recipes" }, /c\.json: preset must be one of recipe, paper, quick, got "recipes"/);
  refuses({ step: 7 }, /step/);
  refuses({ steps: 0 }, /steps/);
  refuses({ crops: [{ size: 100, batch: 1, weight: 1 }] }, /crops\.0\.size/);
  refuses(
    { crops: [{ size: 64, batch: 1, weight: 1 }] },
    /crops: 64 at the scales \[0\.25, 0\.5, 1\] is no multiple of 32/,
  );
  refuses({ targets: 2 }, /gaps: a gap of 2 has no 2 frames/);
  refuses({ schedule: { kind: "linear" } }, /schedule/);
  refuses({ ema: 1 }, /ema/);
});
