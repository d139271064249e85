/** More steps of training than `deno task test` has time for. */
import { compareFirstSteps } from "../../scripts/train/_testing.ts";

Deno.test("the same seed gives the same losses on slow backends over more steps", (t) =>
  compareFirstSteps(t, { cpu: 4, webgpu: 20 }));
