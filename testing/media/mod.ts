import type { PartDefinition } from "@slomo/core";
import { serializable } from "../cases/serialization.ts";
import type { ConformanceCase, ConformanceOptions } from "../options.ts";
import { makePart } from "../part.ts";
import { cancellation, errors } from "./failures.ts";
import { excerpts, frames, halfWritten, roundTrip } from "./read_write.ts";
import type { MediaCase } from "./subject.ts";

const CASES: readonly MediaCase[] = [frames, roundTrip, excerpts, halfWritten, cancellation, errors];

/** Runs a case with a new media handler and a temporary folder. */
async function runCase(given: MediaCase, definition: PartDefinition, options: ConformanceOptions): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-conformance-" });
  const handler = makePart("media", definition, options.options ?? {}), name = `media "${definition.name}"`;
  try {
    await given.run({ name, definition, handler, folder, trial: options.media ?? {} });
  } finally {
    await handler.close?.();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns the cases of a media handler. */
export function mediaCases(definition: PartDefinition, options: ConformanceOptions): ConformanceCase[] {
  const { media: trial = {}, skip = {} } = options;
  const named = (id: ConformanceCase["id"], sentence: string, run: () => Promise<void>): ConformanceCase => {
    const reason = skip[id], name = `media "${definition.name}" ${sentence}`;
    return { id, name: reason === undefined ? name : `${name}: ignored, ${reason}`, ignore: reason !== undefined, run };
  };
  return [
    named(serializable.id, serializable.sentence, () => serializable.run({ definition, options })),
    ...CASES.filter(({ applies }) => applies(trial)).map((given) =>
      named(given.id, given.sentence, () => runCase(given, definition, options))
    ),
  ];
}
