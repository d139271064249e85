import { testOn } from "./_scene.ts";
import { startPostgres } from "./_servers.ts";
import { STEPS } from "./_steps.ts";

testOn("PostgreSQL", () => startPostgres(), STEPS);
