import type { Rational } from "../time/rational.ts";

/** Properties that options of every kind have. */
export interface OptionBase {
  /** Name on the command line, without dashes. @default {the option's name in kebab case} */
  readonly flag?: string;
  /** One sentence without a period: a verb first. Other options are named in backticks. */
  readonly help: string;
  /** Default in words: `2`, `start of the video`. Absent if there is no default. */
  readonly default?: string;
  /** Heading under which the option is listed. @default {"Other"} */
  readonly group?: string;
  /** Names of options that cannot be combined with this one. */
  readonly excludes?: readonly string[];
}

/** An option that is either set or not. */
export interface SwitchOption extends OptionBase {
  /** The kind. */
  readonly kind: "switch";
}

/** An option that takes one of several names. */
export interface ChoiceOption extends OptionBase {
  /** The kind. `list` takes several of the names, separated by commas. */
  readonly kind: "choice" | "list";
  /** The names. */
  readonly choices: readonly string[];
  /** Placeholder for the value. */
  readonly value: string;
}

/** An option that takes a number. */
export interface NumberOption extends OptionBase {
  /** The kind. */
  readonly kind: "number";
  /** Lowest value. */
  readonly min: number;
  /** Highest value. */
  readonly max: number;
  /** Whether `min` itself is excluded. @default {false} */
  readonly isAboveMin?: boolean;
  /** Whether only integers are accepted. @default {false} */
  readonly isInteger?: boolean;
  /** Whether 0 is accepted, although it is below `min`. @default {false} */
  readonly orZero?: boolean;
  /** A second name on the command line, which sets the option to `false`. */
  readonly offFlag?: string;
  /** Help for `offFlag`. */
  readonly offHelp?: string;
  /** Placeholder for the value. */
  readonly value: string;
}

/** An option that takes an exact number: a factor from 1, a frame rate, or a time in seconds. */
export interface RationalOption extends OptionBase {
  /** The kind. */
  readonly kind: "factor" | "rate" | "time";
  /** Placeholder for the value. */
  readonly value: string;
}

/** An option that takes text without changing it. */
export interface TextOption extends OptionBase {
  /** The kind. A path names a file or folder. */
  readonly kind: "path" | "text";
  /** Placeholder for the value. */
  readonly value: string;
}

/** An option that takes several texts, separated by commas. On the command line it may be given several times. */
export interface TextsOption extends OptionBase {
  /** The kind. */
  readonly kind: "texts";
  /** Placeholder for one of the values. */
  readonly value: string;
}

/** Definition of one option. */
export type OptionDefinition = SwitchOption | ChoiceOption | NumberOption | RationalOption | TextOption | TextsOption;

/** Definitions by the options' names in the API. */
export type OptionTable = Readonly<Record<string, OptionDefinition>>;

/** Type of an option's value. */
export type OptionValue<D extends OptionDefinition> = D extends { readonly kind: "switch" } ? boolean
  : D extends { readonly kind: "choice"; readonly choices: readonly (infer C)[] } ? C | undefined
  : D extends { readonly kind: "list"; readonly choices: readonly (infer C)[] } ? readonly C[] | undefined
  : D extends { readonly kind: "texts" } ? readonly string[] | undefined
  : D extends { readonly kind: "number"; readonly offFlag: string } ? number | false | undefined
  : D extends { readonly kind: "number" } ? number | undefined
  : D extends { readonly kind: "factor" | "rate" | "time" } ? Rational | undefined
  : string | undefined;

/** Values of a table's options. */
export type OptionValues<T extends OptionTable> = { readonly [K in keyof T]: OptionValue<T[K]> };

/** Returns an option's name on the command line, without dashes. */
export function flagOf(name: string, { flag }: Pick<OptionBase, "flag">): string {
  return flag ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
