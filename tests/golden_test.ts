import { testReference } from "./golden/_reference.ts";

// Plain JavaScript takes some 10 s; `tests/soak` tests it.
await testReference((backend) => backend !== "cpu");
