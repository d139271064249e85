import { testOn } from "./_scene.ts";
import { startRedis } from "./_servers.ts";
import { STEPS } from "./_steps.ts";

testOn("Redis", () => startRedis(), STEPS);
