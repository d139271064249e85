import { locateLibrary } from "../locate.ts";
import { reasonOf } from "@slomo/core";

interface Found {
  /** Path of the library, where there is one. */
  readonly path: string;
  /** Why there is none. */
  readonly missing: string | undefined;
}

function find(): Found {
  try {
    return { path: locateLibrary((name) => Deno.env.get(name)).library, missing: undefined };
  } catch (error) {
    return { path: "", missing: reasonOf(error) };
  }
}

/** The libtensorflow that tests run on. */
export const LIBRARY: Found = find();

/** Whether CI wants these tests run, so that a missing library is a failure there. */
const REQUIRED = (Deno.env.get("SLOMO_REQUIRE_BACKENDS") ?? "").split(",").includes("tensorflow");

/** Registers a test that needs libtensorflow; without it the test is ignored, with the reason in its name. */
export function testOnTensorflow(name: string, test: (t: Deno.TestContext) => Promise<void> | void): void {
  const ignore = LIBRARY.missing !== undefined && !REQUIRED;
  // TensorFlow's library stays loaded, and tfjs keeps what it has registered.
  const sanitizers = { sanitizeOps: false, sanitizeResources: false };
  Deno.test({ name: ignore ? `${name}: ignored, ${LIBRARY.missing}` : name, ignore, ...sanitizers, fn: test });
}
