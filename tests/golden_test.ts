import { testReference } from "./golden/_reference.ts";

// Plain JavaScript and WebGPU on a software driver take some 10 s each; `tests/soak` tests them.
await testReference((backend) => !["cpu", "webgpu"].includes(backend));
