/**
 * Stand-in for `jsr:@std/cli/parse-args`: all its options, except that names are flat (std also nests `--a.b`).
 * See `../README.md`.
 *
 * @module
 */

/** Options of {@linkcode parseArgs}. A value without a declared type becomes a number if it looks like one. */
export interface ParseOptions<
  B extends string = string,
  S extends string = string,
  C extends string = string,
  N extends string = string,
  D extends Record<string, unknown> = Record<string, unknown>,
> {
  /** Whether arguments after `--` go to the result's `--` instead of `_`. */
  readonly "--"?: boolean;
  /** Other names of an option. */
  readonly alias?: Readonly<Record<string, string | readonly string[]>>;
  /** Options that take no value; `false` where absent. `true`: every `--name` without `=`. */
  readonly boolean?: boolean | B | readonly B[];
  /** Values of options that are absent. */
  readonly default?: D;
  /** Whether everything after the first argument that is not an option goes to `_`. */
  readonly stopEarly?: boolean;
  /** Options whose value stays a string; `_` for the other arguments. */
  readonly string?: S | readonly S[];
  /** Options that may be given several times; `[]` where absent. */
  readonly collect?: C | readonly C[];
  /** Options that `--no-name` sets to `false`. */
  readonly negatable?: N | readonly N[];
  /** Called for each argument that nothing above names; `false` leaves the argument out of the result. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The arguments by option name, and the rest. */
export type Args<
  B extends string = string,
  S extends string = string,
  C extends string = string,
  N extends string = string,
  D extends Record<string, unknown> = Record<string, unknown>,
> =
  & Record<string, unknown>
  & { [K in Exclude<B, C | keyof D>]: boolean }
  & { [K in Exclude<S, C | keyof D | "_">]?: K extends N ? string | false : string }
  & { [K in Exclude<C & S, keyof D>]: string[] }
  & { [K in keyof D]: D[K] | (K extends C ? string[] : K extends S ? string : K extends B ? boolean : unknown) }
  & { _: (string | number)[]; "--"?: string[] };

const FLAG = /^-(?:(?<long>-)(?<negated>no-)?)?(?<key>.+?)(?:=(?<value>.*))?$/s;

function list(names: string | readonly string[] | boolean | undefined): readonly string[] {
  if (typeof names === "string") return names ? [names] : [];
  return typeof names === "object" ? names : [];
}

function isNumber(text: string): boolean {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

/**
 * Sorts command-line arguments into options and the rest, by the rules of `@std/cli`.
 *
 * @param args The arguments, such as `Deno.args`.
 * @param options Names and types of the options.
 * @returns Values by option name, and the other arguments in `_`.
 */
export function parseArgs<
  const B extends string = never,
  const S extends string = never,
  const C extends string = never,
  const N extends string = never,
  D extends Record<string, unknown> = Record<never, never>,
>(args: readonly string[], options: ParseOptions<B, S, C, N, D> = {}): Args<B, S, C, N, D> {
  const aliases = new Map<string, Set<string>>();
  for (const [name, others] of Object.entries(options.alias ?? {})) {
    const group = [name, ...list(others)];
    for (const one of group) aliases.set(one, new Set(group.filter((other) => other !== one)));
  }
  const withAliases = (names: Parameters<typeof list>[0]) =>
    new Set(list(names).flatMap((name) => [name, ...aliases.get(name) ?? []]));
  const booleans = withAliases(options.boolean);
  const strings = withAliases(options.string);
  const collected = withAliases(options.collect);
  const negatable = withAliases(options.negatable);
  const allBooleans = options.boolean === true;

  const result: Record<string, unknown> & { _: (string | number)[] } = { _: [] };

  const put = (key: string, value: unknown, collect: boolean) => {
    if (key === "__proto__" || key === "constructor" && !Object.hasOwn(result, key)) return;
    const before = result[key];
    if (!collect) result[key] = value;
    else if (Array.isArray(before)) before.push(value);
    else result[key] = before ? [before, value] : [value];
  };
  const set = (key: string, given: string | boolean, arg: string, collect = true) => {
    const isNamed = [booleans, strings, collected, aliases].some((names) => names.has(key));
    const isKnown = isNamed || allBooleans && /^--[^=]+$/.test(arg);
    if (!isKnown && options.unknown?.(arg, key, given) === false) return;
    const value = typeof given === "string" && !strings.has(key) && isNumber(given) ? Number(given) : given;
    for (const name of [key, ...aliases.get(key) ?? []]) put(name, value, collect && collected.has(key));
  };
  const bare = (key: string) => strings.has(key) ? "" : true;
  const isBoolean = (key: string) => booleans.has(key) || [...aliases.get(key) ?? []].some((one) => booleans.has(one));

  /** Sets `key`, by `next` where that is its value; returns whether `next` was used. */
  const setWithNext = (key: string, arg: string, next: string | undefined, nextIsValue: boolean): boolean => {
    if (next && nextIsValue && !isBoolean(key)) set(key, next, arg);
    else if (next === "true" || next === "false") set(key, next === "true", arg);
    else {
      set(key, bare(key), arg);
      return false;
    }
    return true;
  };
  /** Sets the letters of `-abc`, `-n5` or `-o=x`; returns the last one if it has no value yet. */
  const setLetters = (arg: string): string | undefined => {
    for (let i = 1; i < arg.length - 1; i++) {
      const letter = arg.charAt(i), rest = arg.slice(i + 1);
      const value = /[A-Za-z]/.test(letter)
        ? /=(.+)/.exec(rest)?.[1] ?? (/-?\d+(\.\d*)?(e-?\d+)?$/.test(rest) ? rest : undefined)
        : undefined;
      if (rest === "-") set(letter, rest, arg);
      else if (rest === "=") {
        set(letter, "", arg);
        return undefined;
      } else if (value !== undefined || rest.length > 1 && /^\W/.test(rest)) {
        set(letter, value ?? rest, arg);
        return undefined;
      } else set(letter, bare(letter), arg);
    }
    return arg.endsWith("-") ? undefined : arg.slice(-1);
  };

  const dashes = args.indexOf("--");
  const after = dashes < 0 ? [] : args.slice(dashes + 1);
  const before = dashes < 0 ? args : args.slice(0, dashes);
  for (let i = 0; i < before.length; i++) {
    const arg = before[i]!, next = before[i + 1];
    const flag = FLAG.exec(arg)?.groups;
    if (!flag) {
      if (options.unknown?.(arg) !== false) result._.push(strings.has("_") || !isNumber(arg) ? arg : Number(arg));
      if (!options.stopEarly) continue;
      result._.push(...before.slice(i + 1));
      break;
    }
    const key = flag["key"]!, value = flag["value"];
    if (!flag["long"]) {
      const letter = setLetters(arg);
      if (letter && setWithNext(letter, arg, next, !/^--?[^-]/.test(next ?? ""))) i++;
    } else if (value !== undefined) {
      set(key, booleans.has(key) ? value !== "false" : value, arg);
    } else if (flag["negated"] && negatable.has(key)) {
      set(key, false, arg, false);
    } else {
      const name = flag["negated"] ? `no-${key}` : key;
      if (setWithNext(name, arg, next, !allBooleans && !next?.startsWith("-"))) i++;
    }
  }

  for (const [key, value] of Object.entries(options.default ?? {})) {
    if (!Object.hasOwn(result, key)) { for (const name of [key, ...aliases.get(key) ?? []]) result[name] = value; }
  }
  for (const key of booleans) if (!Object.hasOwn(result, key)) result[key] = collected.has(key) ? [] : false;
  for (const key of strings) if (!Object.hasOwn(result, key) && collected.has(key)) result[key] = [];
  if (options["--"]) result["--"] = after;
  else result._.push(...after);
  return result as unknown as Args<B, S, C, N, D>;
}
