import type { PartDefinition } from "@slomo/core";
import { serializable } from "../cases/options.ts";
import type { ConformanceCase, ConformanceOptions } from "../options.ts";
import { makePart } from "../part.ts";
import { cancellation } from "./cancellation.ts";
import { errors } from "./errors.ts";
import { frames } from "./frames.ts";
import { halfWritten } from "./half_written.ts";
import { excerpts, roundTrip } from "./round_trip.ts";
import type { MediaCase } from "./subject.ts";

const CASES: readonly MediaCase[] = [frames, roundTrip, excerpts, halfWritten, cancellation, errors];

/** Runs a case with a codec and a folder of its own. */
async function tryOn(given: MediaCase, definition: PartDefinition, options: ConformanceOptions): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-conformance-" });
  const codec = makePart("media", definition, options.options ?? {}), name = `media "${definition.name}"`;
  try {
    await given.run({ name, definition, codec, folder, trial: options.media ?? {} });
  } finally {
    await codec.close?.();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The cases of one codec. */
export function mediaCases(definition: PartDefinition, options: ConformanceOptions): ConformanceCase[] {
  const { media: trial = {}, skip = {} } = options;
  const named = (id: ConformanceCase["id"], sentence: string, run: () => Promise<void>): ConformanceCase => {
    const reason = skip[id], name = `media "${definition.name}" ${sentence}`;
    return { id, name: reason === undefined ? name : `${name}: ignored, ${reason}`, ignore: reason !== undefined, run };
  };
  return [
    named(serializable.id, serializable.sentence, () => serializable.run({ definition, options })),
    ...CASES.filter(({ applies }) => applies(trial)).map((given) =>
      named(given.id, given.sentence, () => tryOn(given, definition, options))
    ),
  ];
}
