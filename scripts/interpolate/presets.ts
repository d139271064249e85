import { oneOf } from "../_options.ts";

/** Options by name, a text for one with a value, `true` for a switch. */
type Settings = Readonly<Record<string, string | true>>;

/** What each preset sets: options that everybody can give, and nothing else. */
export const PRESETS = {
  film: { deinterlace: true, duplicates: "fill" },
  animation: { duplicates: "fill", "keep-still": true },
  screen: { duplicates: "keep", "keep-still": true },
  "slow-motion": { factor: "4", "slow-motion": true },
} as const satisfies Readonly<Record<string, Settings>>;

/** Options that say the same in other words: one of them given by hand takes the place of the others. */
const ALTERNATIVES: readonly (readonly string[])[] = [["factor", "fps"]];

/** The presets in lines: `film  --deinterlace --duplicates fill`. */
export function presetLines(): string[] {
  const width = Math.max(...Object.keys(PRESETS).map((name) => name.length));
  return Object.entries(PRESETS).map(([name, settings]) => {
    const options = Object.entries(settings).map(([option, value]) =>
      value === true ? `--${option}` : `--${option} ${value}`
    );
    return `${name.padEnd(width)}  ${options.join(" ")}`;
  });
}

/**
 * Options with those of a preset laid under them: what was given by hand stays.
 *
 * @throws {UsageError} If there is no such preset.
 */
export function withPreset<T extends Readonly<Record<string, string | boolean | undefined>>>(options: T): T {
  const name = oneOf("preset", options.preset as string | undefined, Object.keys(PRESETS), undefined);
  if (name === undefined) return options;
  const isGiven = (option: string) => options[option] !== undefined && options[option] !== false;
  const settings = Object.entries(PRESETS[name as keyof typeof PRESETS]).filter(([option]) => {
    const same = ALTERNATIVES.find((options) => options.includes(option)) ?? [option];
    return !same.some(isGiven);
  });
  return { ...options, ...Object.fromEntries(settings) };
}
