import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { UsageError } from "../../core/errors.ts";
import { completeConfig, PRESETS } from "./presets.ts";

const refuses = (given: Record<string, unknown>, pattern: RegExp) =>
  throws(() => completeConfig(given, "c.json"), (error) => error instanceof UsageError && pattern.test(error.message));

Deno.test("completeConfig() fills in the preset's values", () => {
  for (const preset of Object.keys(PRESETS)) equal(completeConfig({ preset }, "c.json"), PRESETS[preset]);
  equal(completeConfig({ steps: 7 }, "c.json"), { ...PRESETS["recipe"], steps: 7 });
  const { every, schedule, model, augment } = PRESETS["quick"]!;
  const groups = { every: { report: 1 }, schedule: { rate: 1 }, augment: { flipX: 0 } };
  equal(completeConfig({ preset: "quick", ...groups, model: { interpolator: { width: 0.1 } } }, "c.json"), {
    ...PRESETS["quick"],
    every: { ...every, report: 1 },
    schedule: { ...schedule, rate: 1 },
    augment: { ...augment, flipX: 0 },
    model: { ...model, interpolator: { width: 0.1 } },
  });
});

Deno.test("completeConfig() accepts old names of settings, and notes them", () => {
  const notes: string[] = [], given = { average: 0.5, augment: { ...PRESETS["recipe"]!.augment } };
  const { rotate, ...augment } = given.augment;
  const old = { ...given, augment: { ...augment, turn: rotate } };
  const config = completeConfig(old, "c.json", (note) => void notes.push(note));
  equal(config, { ...PRESETS["recipe"], ema: 0.5 });
  equal(notes, [
    "c.json: average is deprecated: rename it to ema",
    "c.json: augment.turn is deprecated: rename it to augment.rotate",
  ]);
  refuses({ ema: 0.5, average: 0.5 }, /average/);
});

Deno.test("completeConfig() rejects invalid values, and names their path", () => {
  refuses({ preset: "recipes" }, /c\.json: preset must be one of recipe, paper, quick, got "recipes"/);
  refuses({ step: 7 }, /step/);
  refuses({ steps: 0 }, /steps/);
  refuses({ crops: [{ size: 100, batch: 1, weight: 1 }] }, /crops\.0\.size/);
  refuses(
    { crops: [{ size: 64, batch: 1, weight: 1 }] },
    /crops: 64 at the scales \[0\.25, 0\.5, 1\] does not give multiples of 32 only/,
  );
  refuses({ targets: 2 }, /gaps: a gap of 2 is too short for 2 target frames/);
  refuses({ schedule: { kind: "linear" } }, /schedule/);
  refuses({ schedule: { kind: "steps", rate: 1 } }, /schedule/);
  refuses({ model: { flowEstimater: {} } }, /flowEstimater/);
  refuses({ ema: 1 }, /ema/);
});
