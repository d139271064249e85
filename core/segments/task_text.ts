/** Tasks and shards as JSON: big integers are text such as `"12n"`, rational numbers text such as `"1/25"`. */
import { JobError } from "../errors.ts";
import type { Rational } from "../time/rational.ts";
import type { ScannedShard } from "./scan_shard.ts";
import type { SegmentTask } from "./task.ts";

function isRational(value: unknown): value is Rational {
  return typeof value === "object" && value !== null && "num" in value && typeof value.num === "bigint";
}

function encode(_: string, value: unknown): unknown {
  if (isRational(value)) return `${value.num}/${value.den}`;
  return typeof value === "bigint" ? `${value}n` : value;
}

function decode(_: string, value: unknown): unknown {
  const found = typeof value === "string" ? /^(-?\d+)(?:n|\/(\d+))$/.exec(value) : null;
  if (!found) return value;
  return found[2] === undefined ? BigInt(found[1]!) : { num: BigInt(found[1]!), den: BigInt(found[2]) };
}

function parse(text: string, name: string, remedy: string): unknown {
  try {
    return JSON.parse(text, decode);
  } catch (error) {
    throw new JobError(`segments: the file of a ${name} is damaged: ${(error as Error).message}; ${remedy}`);
  }
}

/** Returns a task as a line of JSON. */
export function encodeTask(task: SegmentTask): string {
  return JSON.stringify(task, encode);
}

/**
 * Returns the task of a text that {@linkcode encodeTask} returned.
 *
 * @throws {JobError} If the text is damaged.
 */
export function decodeTask(text: string): SegmentTask {
  return parse(text, "task", "plan again") as SegmentTask;
}

/** Returns a scanned shard as a line of JSON. */
export function encodeShard(shard: ScannedShard): string {
  return JSON.stringify(shard, encode);
}

/**
 * Returns the shard of a text that {@linkcode encodeShard} returned.
 *
 * @throws {JobError} If the text is damaged.
 */
export function decodeShard(text: string): ScannedShard {
  return parse(text, "shard", "scan it again") as ScannedShard;
}
