import { MODEL_OPTIONS } from "@slomo/slomo/options";
import { UsageError } from "@slomo/core";
import type { OptionTable } from "@slomo/core/options";
import { type CommandDefinition, SHARED_OPTIONS } from "../_options.ts";
import { INTERPOLATE, MAX_SHARDS } from "../interpolate/options.ts";

const {
  out: _out,
  resume: _resume,
  plan: _plan,
  version: _version,
  queue: _queue,
  detach: _detach,
  priority: _priority,
  shards: _shards,
  ...OTHERS
} = INTERPOLATE.options;

const PLANNED = {
  ...OTHERS,
  device: MODEL_OPTIONS.device,
  shards: {
    ...{ kind: "number", min: 1, max: MAX_SHARDS, isInteger: true, value: "N", group: "Segments" },
    help: "Read nothing yet: divide IN into N shards, which any machines scan before the plan is merged from them",
  },
} as const satisfies OptionTable;

/** The command line of `segments plan`. */
export const PLAN: CommandDefinition<typeof PLANNED> = {
  name: "segments plan",
  usage: ["IN OUT [options]"],
  about:
    "Plans a video in segments, which any number of machines can make: reads IN, and writes the folder OUT.segments. Prints " +
    "the number of segments. If the folder has this plan already, nothing changes. With --shards, the tasks `segments scan` and " +
    "`segments merge` complete the plan, and the number of shards is printed. IN and OUT may be objects: s3://BUCKET/KEY.",
  options: PLANNED,
};

/** Options of a machine that reads or writes videos. */
const MEDIA_OPTIONS = {
  ffmpeg: MODEL_OPTIONS.ffmpeg,
  allowPlugins: SHARED_OPTIONS.allowPlugins,
  json: SHARED_OPTIONS.json,
  quiet: INTERPOLATE.options.quiet,
} as const satisfies OptionTable;

/** Options of the machine that makes segments. */
const OWN_OPTIONS = {
  device: MODEL_OPTIONS.device,
  workers: MODEL_OPTIONS.workers,
  modelsUrl: MODEL_OPTIONS.modelsUrl,
  ...MEDIA_OPTIONS,
} as const satisfies OptionTable;

/** The command line of `segments make`. */
export const MAKE: CommandDefinition<typeof OWN_OPTIONS> = {
  name: "segments make",
  usage: ["FOLDER N... [options]"],
  about:
    "Makes segments of a planned video. N is the number of a segment, from 0, or a range such as 0-9; - reads numbers from " +
    "standard input, one per line. Segments that exist already stay as they are.",
  options: OWN_OPTIONS,
};

/** The command line of `segments scan`. */
export const SCAN: CommandDefinition<typeof MEDIA_OPTIONS> = {
  name: "segments scan",
  usage: ["FOLDER N... [options]"],
  about:
    "Scans shards of a video that was planned with --shards for scene cuts and duplicate frames. N is the number of a shard, " +
    "from 0, or a range such as 0-9; - reads numbers from standard input. Needs no model and no GPU.",
  options: MEDIA_OPTIONS,
};

/** The command line of `segments merge`. */
export const MERGE: CommandDefinition<typeof MEDIA_OPTIONS> = {
  name: "segments merge",
  usage: ["FOLDER [options]"],
  about: "Plans the segments of a video from all of its shards. Prints the number of segments.",
  options: MEDIA_OPTIONS,
};

/** The command line of `segments join`. */
export const JOIN: CommandDefinition<typeof MEDIA_OPTIONS> = {
  name: "segments join",
  usage: ["FOLDER [options]"],
  about: "Joins all segments of a video with its audio and other streams, writes OUT, and removes FOLDER.",
  options: MEDIA_OPTIONS,
};

/** The most segments of one range; more is taken for a typo. */
const MAX_RANGE = 1_000_000;

/** Returns the numbers that a text names. @throws {UsageError} If it is neither a number nor a range. */
function numbersIn(text: string): number[] {
  const [, first, last = first] = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(text) ?? [];
  const from = Number(first), to = Number(last);
  if (first === undefined || to < from || to - from >= MAX_RANGE) {
    throw new UsageError(`numbers of segments and shards are such as 3 or 0-9, got "${text}"`);
  }
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Where numbers of segments or shards come from. */
export interface NumberSource {
  /** Standard input, which `-` stands for. */
  readonly input: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Ends the wait for more of them. */
  readonly signal: AbortSignal;
  /** Describes them in errors. */
  readonly work: "segments to make" | "shards to scan";
}

/**
 * Yields the numbers of segments, or of shards, on a command line.
 *
 * @throws {UsageError} If one is neither a number nor a range.
 */
export async function* segmentNumbers(
  texts: readonly string[],
  { input, signal, work }: NumberSource,
): AsyncGenerator<number> {
  if (texts.length === 0) throw new UsageError(`give the numbers of the ${work}, such as 3 or 0-9; see --help`);
  if (!(texts.length === 1 && texts[0] === "-")) {
    yield* texts.flatMap(numbersIn);
    return;
  }
  let rest = "";
  for await (const text of input.pipeThrough(new TextDecoderStream(), { signal })) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield* numbersIn(line.trim());
  }
  if (rest.trim() !== "") yield* numbersIn(rest.trim());
}
