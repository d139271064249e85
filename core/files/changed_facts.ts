/** Facts that work depends on: by readable names, such as `the model`. */
type Facts = Readonly<Record<string, string>>;

/** Maximum length of a value in messages. Longer values are checksums, so messages have their names only. */
const MAX_SHOWN_LENGTH = 32;

/**
 * Returns the names of facts that differ or exist on one side only, with their values if these are short.
 */
export function changedFacts(then: Facts, now: Facts): string[] {
  const names = [...new Set([...Object.keys(then), ...Object.keys(now)])].filter((name) => then[name] !== now[name]);
  return names.sort().map((name) => {
    const [a, b] = [then[name], now[name]];
    return a && b && a.length <= MAX_SHOWN_LENGTH && b.length <= MAX_SHOWN_LENGTH
      ? `${name} (was ${a}, is ${b})`
      : name;
  });
}
