/** The shipped model in plain JavaScript, which takes some 10 s. */
import { testReference } from "../golden/_reference.ts";

await testReference((backend) => backend === "cpu");
