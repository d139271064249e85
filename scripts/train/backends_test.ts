import { compareFirstSteps } from "./_testing.ts";

// Plain JavaScript takes seconds per step with the networks of the paper; `tests/soak` has those, larger crops, more steps and the other
// backends.
const STEPS = { cpu: 2 }, SMALL = { firstKernel: 3, secondKernel: 3, channels: [32, 64] };

Deno.test("the same seed gives the same first steps in plain JavaScript as on wasm", (t) =>
  compareFirstSteps(t, STEPS, SMALL));
