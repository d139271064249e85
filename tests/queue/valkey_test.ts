/** Runs if SLOMO_TEST_VALKEY names the program of Valkey's server, which Debian 12 does not have. */
import { testOn } from "./_scene.ts";
import { startRedis } from "./_servers.ts";
import { STEPS } from "./_steps.ts";

const program = Deno.env.get("SLOMO_TEST_VALKEY");

testOn(
  "Valkey",
  () => startRedis([], program),
  STEPS,
  program === undefined ? "SLOMO_TEST_VALKEY is not set" : undefined,
);
