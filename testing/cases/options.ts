import { check } from "../check.ts";
import { checkedOptions } from "../part.ts";
import type { CaseDefinition, TrialSubject } from "./subject.ts";

/** What JSON makes of a value. */
function throughJson(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text);
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Options can stand in a manifest and in a weights file. */
export const serializable: CaseDefinition & { run(subject: Omit<TrialSubject, "make">): Promise<void> } = {
  id: "options",
  sentence: "accepts options that JSON can represent, and fills in defaults",
  slots: ["flowEstimator", "interpolator", "warp", "loss", "media", "rateDoubler"],
  run({ definition, options: { options: given = {} } }) {
    const name = `${definition.slot} "${definition.name}"`, asked = JSON.stringify(given);
    const values = checkedOptions(definition, given);
    check(JSON.stringify(given) === asked, `${name}: checking its options changes them`);
    check(typeof values === "object" && values !== null, `${name}: its options must become an object`);
    for (const key of definition.architecture ?? []) {
      const value: unknown = (values as Record<string, unknown>)[key];
      check(value !== undefined, `${name}: its architecture names "${key}", which is no option or has no default`);
      const kept = throughJson(value);
      const again = checkedOptions(definition, { ...given, [key]: kept }) as Record<string, unknown>;
      check(
        typeof value !== "bigint" && sameJson(again[key], value) && sameValue(kept, value),
        `${name}: option ${key} does not survive a weights file, which is JSON`,
      );
    }
    return Promise.resolve();
  },
};

/** Whether JSON loses nothing of a value. */
function sameValue(kept: unknown, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return Object.is(kept, value);
  if (Array.isArray(value)) return Array.isArray(kept) && value.every((item, i) => sameValue(kept[i], item));
  const isPlain = Object.getPrototypeOf(value) === Object.prototype && typeof kept === "object" && kept !== null;
  return isPlain &&
    Object.entries(value).every(([key, item]) => sameValue((kept as Record<string, unknown>)[key], item));
}
