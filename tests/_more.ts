/** Tests over many cases: `deno task test` runs some of the cases, and `deno task test:soak` the others. */
import { testUnless } from "./_unless.ts";

/** Whether `deno task test:soak` runs. */
const IS_SOAK = Deno.env.get("SLOMO_TEST_MORE") === "1";

/**
 * Registers a test over cases. In `deno task test:soak`, which runs only such tests of a file, its name ends with
 * `: more cases`.
 *
 * @param few Cases of `deno task test`: at least one for each behavior.
 * @param more Cases of `deno task test:soak`, which check the same.
 * @param reason Why the test cannot run here, as in {@linkcode testUnless}.
 */
export function testCases<Case>(
  name: string,
  few: readonly Case[],
  more: readonly Case[],
  fn: (t: Deno.TestContext, cases: readonly Case[]) => Promise<void> | void,
  reason?: string,
): void {
  testUnless(reason, IS_SOAK ? `${name}: more cases` : name, (t) => fn(t, IS_SOAK ? more : few));
}
