import { flagOf, type OptionDefinition, type OptionTable, readOption } from "@slomo/core/options";
import { PRESETS } from "@slomo/slomo/options";

/** Returns the presets as lines of flags: `film  --deinterlace --duplicates fill`. */
export function presetLines(table: OptionTable): string[] {
  const width = Math.max(...Object.keys(PRESETS).map((name) => name.length));
  return Object.entries(PRESETS).map(([name, settings]) => {
    const options = Object.entries(settings).map(([option, value]) => {
      const flag = `--${flagOf(option, table[option]!)}`;
      return value === true ? flag : `${flag} ${value}`;
    });
    return `${name.padEnd(width)}  ${options.join(" ")}`;
  });
}

function valueOf(name: string, definition: OptionDefinition, setting: string | true): unknown {
  return definition.kind === "switch" || setting === true ? setting : readOption(name, definition, setting);
}

/** Adds the options of the preset to those that are given, which take precedence. */
export function withPreset<T extends { readonly preset: string | undefined }>(values: T, table: OptionTable): T {
  const given: Readonly<Record<string, unknown>> = { ...values };
  const isGiven = (option: string) => given[option] !== undefined && given[option] !== false;
  const settings = Object.entries(values.preset === undefined ? {} : PRESETS[values.preset]!).filter(([option]) =>
    ![option, ...table[option]!.excludes ?? []].some(isGiven)
  );
  const added = settings.map(([option, setting]) => [option, valueOf(option, table[option]!, setting)]);
  return { ...values, ...Object.fromEntries(added) };
}
