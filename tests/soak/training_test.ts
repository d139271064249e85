/** More steps of training than `deno task test` has time for. */
import { compareFirstSteps } from "../../scripts/train/_testing.ts";

Deno.test("the same seed gives the same losses on all backends", (t) =>
  compareFirstSteps(t, { cpu: 4, tensorflow: 20, webgpu: 20 }));
