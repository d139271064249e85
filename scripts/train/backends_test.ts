import { compareFirstSteps } from "./_testing.ts";

// Plain JavaScript and WebGPU without a GPU take seconds per step; `tests/soak` runs more of them.
const STEPS = { cpu: 2, tensorflow: 20, webgpu: 3 };

Deno.test("the same seed gives the same first steps on all backends", (t) => compareFirstSteps(t, STEPS));
