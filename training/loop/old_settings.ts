/** Settings that were renamed before version 1, under their old names. */
const RENAMED: Readonly<Record<string, string>> = {
  average: "ema",
  clip: "clipNorm",
  levelWeight: "coarseLossWeight",
};

/** Renamed parts of settings, by setting. */
const RENAMED_PARTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  augment: { turn: "rotate", colours: "colors" },
  flowLevels: { levels: "scales" },
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Returns settings in which old names of settings are replaced by the present ones. A name that is present is kept.
 *
 * @param settings Settings of a configuration file or of a checkpoint.
 * @param onRename Called once for each old name, such as `augment.turn`, with the present one.
 */
export function renameOldSettings(settings: unknown, onRename: (old: string, name: string) => void): unknown {
  const renamed = new Map<string, string>();
  const rename = (value: unknown, names: Readonly<Record<string, string>>, path = ""): unknown => {
    if (Array.isArray(value)) return value.map((item) => rename(item, names, path));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const name = Object.hasOwn(names, key) ? names[key]! : key;
        if (name === key || Object.hasOwn(value, name)) return [key, item];
        renamed.set(`${path}${key}`, `${path}${name}`);
        return [name, item];
      }),
    );
  };
  let result = rename(settings, RENAMED);
  if (isObject(result)) {
    const parts = Object.entries(result).map(([key, value]) =>
      [key, Object.hasOwn(RENAMED_PARTS, key) ? rename(value, RENAMED_PARTS[key]!, `${key}.`) : value] as const
    );
    result = Object.fromEntries(parts);
  }
  for (const [old, name] of renamed) onRename(old, name);
  return result;
}
