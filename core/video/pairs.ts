import { z } from "zod";
import type { Frame } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";
import { checkValue, jsonOf } from "../json.ts";

/** Frame pairs that are not interpolated. */
export interface PairTreatment {
  /**
   * Numbers of the first and the last frame, from 0 as in a plan: every pair of neighbors from one to the other is treated. Two
   * consecutive numbers are one pair.
   */
  readonly frames: readonly [first: number, last: number];
  /**
   * `hold` shows the first frame of a pair up to the second. `cut` is a scene cut: each frame is shown up to the middle. `blend` fades from one
   * frame to the other.
   */
  readonly as: "hold" | "cut" | "blend";
}

/** Content of a file of `pairs`. */
export interface PairsFile {
  /** Location of the JSON Schema, for editors. */
  readonly $schema?: string | undefined;
  /** The pairs. */
  readonly pairs: readonly PairTreatment[];
}

const number = z.int().min(0);

const schema: z.ZodType<PairsFile> = z.strictObject({
  $schema: z.string().optional().describe("Location of the JSON Schema, for editors"),
  pairs: z.array(z.strictObject({
    frames: z.tuple([number, number]).describe(
      "Numbers of the first and the last frame, from 0, as --plan prints them",
    ),
    as: z.enum(["hold", "cut", "blend"]).describe(
      "hold: show the first frame up to the second; cut: show each up to the middle; blend: fade from one to the other",
    ),
  })).describe("Ranges of frames whose pairs are not interpolated"),
}).describe("Frame pairs to treat differently, for bad moments of a video");

function refuse(problem: string): never {
  throw new UsageError(`\`pairs\`: ${problem}`, { option: "pairs" });
}

/**
 * Checks a list of pairs.
 *
 * @returns The list in the order of frames.
 * @throws {UsageError} If numbers are wrong, or two ranges have a pair in common.
 */
export function checkPairs(pairs: readonly PairTreatment[]): PairTreatment[] {
  checkValue({ pairs }, schema, (message, path) => refuse(`the list is not valid at ${path}: ${message}`));
  const sorted = pairs.toSorted((a, b) => a.frames[0] - b.frames[0]);
  for (const [i, { frames: [first, last] }] of sorted.entries()) {
    const next = sorted[i + 1]?.frames;
    if (first >= last) refuse(`frames ${first} to ${last} are no pair; the second number must be higher`);
    if (next && next[0] < last) {
      refuse(`frames ${first} to ${last} and ${next[0]} to ${next[1]} overlap; name each pair once`);
    }
  }
  return sorted;
}

/**
 * Parses the text of a file of `pairs`.
 *
 * @param location Location of the file, for errors.
 * @throws {UsageError} If it is not JSON, or the list is not valid.
 *
 * @example
 * ```ts
 * import { parsePairs } from "@slomo/core/video";
 * import assert from "node:assert/strict";
 *
 * const [pair] = parsePairs('{ "pairs": [{ "frames": [119, 120], "as": "cut" }] }', "pairs.json");
 * assert.equal(pair?.as, "cut");
 * ```
 */
export function parsePairs(text: string, location: string): PairTreatment[] {
  const refuseFile = (problem: string): never => {
    throw new UsageError(`${location}: ${problem}`, { option: "pairs" });
  };
  const value = jsonOf(text, (reason) => refuseFile(`cannot read \`pairs\`: it is not JSON: ${reason}`));
  const { pairs } = checkValue(
    value,
    schema,
    (message, path) => refuseFile(`\`pairs\`: the file is not valid${path && ` at ${path}`}: ${message}`),
  );
  return checkPairs(pairs);
}

/** Returns the JSON Schema of files of `pairs`, for editors. */
export function pairsJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(schema, { io: "input" });
}

/**
 * Yields the frames with the facts of their pairs. Treated frames are no duplicates, so that nothing is interpolated over them.
 *
 * @param onWarning Called at the end for pairs that the video does not have.
 */
export async function* annotatePairs(
  frames: AsyncIterable<Frame>,
  pairs: readonly PairTreatment[],
  onWarning?: (message: string) => void,
): AsyncGenerator<Frame> {
  const waiting = [...checkPairs(pairs)];
  let count = 0;
  for await (const frame of frames) {
    const current = count++;
    while (waiting[0] && waiting[0].frames[1] < current) waiting.shift();
    const own = waiting[0] && waiting[0].frames[0] < current ? waiting[0].as : undefined;
    const facts = own === "cut" ? { cut: true } : own && { cut: false, pair: own };
    yield facts ? { ...frame, facts: { ...frame.facts, ...facts, duplicate: false } } : frame;
  }
  for (const { frames: [first, last] } of waiting.filter(({ frames }) => frames[1] >= count)) {
    onWarning?.(`\`pairs\` names frames ${first} to ${last}, but the last frame is ${count - 1}`);
  }
}
