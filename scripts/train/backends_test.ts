import { compareFirstSteps } from "./_testing.ts";

// Plain JavaScript takes seconds per step; `tests/soak` runs more of them, and those of the other backends.
const STEPS = { cpu: 2 };

Deno.test("the same seed gives the same first steps in plain JavaScript as on wasm", (t) =>
  compareFirstSteps(t, STEPS));
