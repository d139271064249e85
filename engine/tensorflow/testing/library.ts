import { locateLibrary } from "../locate.ts";
import { reasonOf } from "@slomo/core";

interface Library {
  /** Path of the library; empty if there is none. */
  readonly path: string;
  /** Reason why there is none. */
  readonly missing: string | undefined;
}

function find(): Library {
  try {
    return { path: locateLibrary((name) => Deno.env.get(name)).library, missing: undefined };
  } catch (error) {
    return { path: "", missing: reasonOf(error) };
  }
}

/** The library for tests. */
export const LIBRARY: Library = find();

/** Whether CI requires these tests, so that a missing library is a failure. */
const REQUIRED = (Deno.env.get("SLOMO_REQUIRE_BACKENDS") ?? "").split(",").includes("tensorflow");

/** Registers a test that needs libtensorflow. Without it the test is ignored, with the reason in its name. */
export function testOnTensorflow(name: string, test: (t: Deno.TestContext) => Promise<void> | void): void {
  const ignore = LIBRARY.missing !== undefined && !REQUIRED;
  // The library stays loaded, and tfjs keeps registered kernels.
  const sanitizers = { sanitizeOps: false, sanitizeResources: false };
  Deno.test({ name: ignore ? `${name}: ignored, ${LIBRARY.missing}` : name, ignore, ...sanitizers, fn: test });
}
