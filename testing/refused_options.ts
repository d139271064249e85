import type { PartDefinition } from "@slomo/core";
import { check, failureOf, show } from "./check.ts";

const NO_OPTIONS: readonly unknown[] = [null, 5, "text", [1]];

/** An option that nobody has. */
const UNKNOWN = "noSuchOption";

/** @throws {Error} If options that cannot be are not answered with issues. */
export async function checkOptions(
  definition: PartDefinition,
  options: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const name = `${definition.slot} "${definition.name}"`, { validate } = definition.options["~standard"];
  for (const given of [...NO_OPTIONS, { ...options, [UNKNOWN]: 1 }]) {
    let issues: unknown;
    const failure = await failureOf(async () => issues = (await validate(given)).issues);
    check(failure === undefined, `${name}: the check of its options throws ${show(failure)}; it must return issues`);
    check(issues !== undefined, `${name}: it takes the options ${JSON.stringify(given)}; a slip would go unseen`);
  }
}
