import { UsageError } from "../errors.ts";
import { MAX_FACTOR, MAX_RATE, parseRate, parseRational, parseTime } from "../time/parse.ts";
import { compare, type Rational, rational } from "../time/rational.ts";
import type { NumberOption, OptionDefinition, OptionValue, RationalOption } from "./definition.ts";

function readNumber({ min, max, isAboveMin, isInteger, orZero }: NumberOption, text: string): number | undefined {
  const value = text.trim() === "" ? NaN : Number(text);
  const isInRange = value <= max && (isAboveMin ? value > min : value >= min) || orZero === true && value === 0;
  return isInRange && (!isInteger || Number.isInteger(value)) ? value : undefined;
}

function readRational({ kind }: RationalOption, text: string): Rational | undefined {
  if (kind === "time") return parseTime(text);
  const isRate = kind === "rate", value = isRate ? parseRate(text) : parseRational(text);
  if (!value || compare(value, rational(isRate ? MAX_RATE : MAX_FACTOR)) > 0) return undefined;
  return (isRate ? value.num > 0n : compare(value, rational(1)) >= 0) ? value : undefined;
}

/** Describes the values that an option accepts: "a number from 0 to 63". */
function accepted(definition: Exclude<OptionDefinition, { kind: "switch" }>): string {
  switch (definition.kind) {
    case "choice":
      return `one of ${definition.choices.join(", ")}`;
    case "list":
      return `one of ${definition.choices.join(", ")}, or several separated by commas`;
    case "number": {
      const { min, max, isAboveMin, isInteger, orZero } = definition;
      const range = isAboveMin ? `above ${min} and at most ${max}` : `from ${min} to ${max}`;
      return `a ${isInteger ? "whole " : ""}number ${range}${orZero ? ", or 0" : ""}`;
    }
    case "factor":
      return `a number from 1 to ${MAX_FACTOR}, such as 2, 2.5 or 5/2`;
    case "rate":
      return `a frame rate above 0 and at most ${MAX_RATE}, such as 60, 59.94 or 60000/1001`;
    case "time":
      return "a time such as 12.5 or 1:02:03.5";
    case "texts":
      return "one or more texts, separated by commas";
    default:
      return "text";
  }
}

function read(definition: Exclude<OptionDefinition, { kind: "switch" }>, text: string): unknown {
  switch (definition.kind) {
    case "choice":
      return definition.choices.find((choice) => choice === text);
    case "list": {
      const names = [...new Set(text.split(",").map((name) => name.trim()))];
      return names.every((name) => definition.choices.includes(name)) ? names : undefined;
    }
    case "texts": {
      const texts = text.split(",").map((one) => one.trim());
      return texts.includes("") ? undefined : texts;
    }
    case "number":
      return readNumber(definition, text);
    case "path":
    case "text":
      return text === "" ? undefined : text;
    default:
      return readRational(definition, text);
  }
}

/**
 * Reads the value of an option from text.
 *
 * @param name The option's name in the API, for the error.
 * @param definition Any kind but a switch, which has no value.
 * @throws {UsageError} If the option does not accept the text. The error names the option.
 *
 * @example
 * ```ts
 * import { readOption } from "@slomo/core/options";
 * import assert from "node:assert/strict";
 *
 * const crf = { kind: "number", min: 0, max: 63, value: "N", help: "Set the quality" } as const;
 * assert.equal(readOption("crf", crf, "18"), 18);
 * assert.throws(() => readOption("crf", crf, "99"), /`crf` must be a number from 0 to 63, got "99"/);
 * ```
 */
export function readOption<const D extends Exclude<OptionDefinition, { kind: "switch" }>>(
  name: string,
  definition: D,
  text: string,
): Exclude<OptionValue<D>, undefined> {
  const value = read(definition, text);
  if (value !== undefined) return value as Exclude<OptionValue<D>, undefined>;
  throw new UsageError(`\`${name}\` must be ${accepted(definition)}, got "${text}"`, { option: name });
}
