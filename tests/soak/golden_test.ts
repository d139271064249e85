/** The shipped model in plain JavaScript and on WebGPU, which takes some 10 s each: WebGPU runs on a software driver in CI. */
import { testReference } from "../golden/_reference.ts";

await testReference((backend) => ["cpu", "webgpu"].includes(backend));
