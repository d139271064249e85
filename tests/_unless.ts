/** Tests that cannot run everywhere. */

/**
 * Registers a test. If there is a reason not to run it, it is ignored, and its name ends with `: ignored, REASON`, which
 * `deno task test` lists at its end.
 *
 * @param reason Why the test cannot run here; empty or `undefined` if it can.
 */
export function testUnless(
  reason: string | undefined,
  name: string,
  fn: (t: Deno.TestContext) => Promise<void> | void,
  options: Pick<Deno.TestDefinition, "sanitizeOps" | "sanitizeResources"> = {},
): void {
  Deno.test({ ...options, name: reason ? `${name}: ignored, ${reason}` : name, ignore: Boolean(reason), fn });
}

/** Reason why tests that send signals, run shell scripts or create links are ignored on Windows. */
export const ON_WINDOWS: string | undefined = Deno.build.os === "windows"
  ? "Windows lacks POSIX signals and shells"
  : undefined;
