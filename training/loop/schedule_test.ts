import { ok } from "node:assert/strict";
import { learningRate, type Schedule } from "./schedule.ts";

const near = (a: number, b: number) => ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

Deno.test("learningRate() warms up, then decays by a cosine to its floor", () => {
  const schedule: Schedule = { kind: "cosine", rate: 1, warmup: 10, floor: 0.02 };
  near(learningRate({ ...schedule, floor: 1 }, 0, 1000), 0.1);
  near(learningRate({ ...schedule, floor: 1 }, 9, 1000), 1);
  near(learningRate(schedule, 500, 1000), 0.51);
  near(learningRate(schedule, 1000, 1000), 0.02);
});

Deno.test("learningRate() decays in steps", () => {
  const schedule: Schedule = { kind: "steps", rate: 1e-4, warmup: 0, at: [0.4, 0.8], factor: 0.1 };
  near(learningRate(schedule, 0, 500), 1e-4);
  near(learningRate(schedule, 199, 500), 1e-4);
  near(learningRate(schedule, 200, 500), 1e-5);
  near(learningRate(schedule, 499, 500), 1e-6);
});
