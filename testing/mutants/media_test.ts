import { deepStrictEqual as equal } from "node:assert/strict";
import { z } from "zod";
import type { MediaHandler } from "@slomo/core";
import { definePart, type PartDefinition } from "@slomo/core";
import { UsageError } from "@slomo/core";
import { conformanceCases } from "../cases.ts";
import type { CaseName } from "../options.ts";
import { type Flaw, videoMedia } from "./_video_media.ts";
import { failing, testMutants } from "./_testing.ts";

const part = (create: () => MediaHandler): PartDefinition =>
  definePart({ slot: "media", name: "video", description: "Videos.", options: z.strictObject({}), create });

const SEEN: Readonly<Record<Flaw, readonly CaseName[]>> = {
  "announces frames that are not there": ["frames"],
  "uses one buffer for all frames": ["frames", "round trip", "excerpts"],
  "loses the last frame": ["round trip", "excerpts"],
  "writes other times": ["round trip"],
  "writes other images": ["round trip"],
  "reads the whole video whatever part is asked for": ["excerpts"],
  "writes under the target's name": ["half-written"],
  "leaves a log beside the video": ["half-written"],
  "takes abort() back after finish()": ["half-written"],
  "reads on when it is stopped": ["cancellation"],
  "leaves what it was writing when it is stopped": ["cancellation"],
  "says that a video is missing by a plain error": ["errors"],
  "overwrites a video": ["errors"],
};

const write = (folder: string) => `${folder}/one.video`;

testMutants(
  "media",
  part(() => videoMedia()),
  Object.entries(SEEN).map(([flaw, seen]) => [flaw, part(() => videoMedia(flaw as Flaw)), seen]),
  { media: { write, lossless: true } },
);

Deno.test("conformanceCases() of a codec that only reads are about reading", async () => {
  const { source } = videoMedia(), { sink } = videoMedia();
  const sample = async (folder: string) => {
    const location = write(folder), { writeVideo } = await import("../media/video.ts");
    await writeVideo({ sink: sink! }, location, { model: "gray", depth: 8, chroma: [1, 1], alpha: false });
    return location;
  };
  const reader = part(() => ({ source: source! })), options = { media: { sample } };
  const plugin = { name: "reader", apiVersion: 1, provides: [reader] };
  const ids = conformanceCases("media", plugin, options).map(({ id }) => id);
  equal(ids, ["options", "frames", "excerpts", "cancellation", "errors"]);
  equal(await failing(reader, options), []);
});

Deno.test("conformanceCases() say that a case is left out, and why, in its name", () => {
  const plugin = { name: "video", apiVersion: 1, provides: [part(() => videoMedia())] };
  const [, left] = conformanceCases("media", plugin, { media: { write }, skip: { frames: "they are of no use" } });
  equal([left!.ignore, left!.name.endsWith(": ignored, they are of no use")], [true, true]);
});

Deno.test("conformanceCases() refuse a plugin that has no part for the slot", async () => {
  const plugin = { name: "video", apiVersion: 1, provides: [part(() => videoMedia())] };
  const error = await Promise.resolve().then(() => conformanceCases("warp", plugin)).catch((error) => error);
  equal(error instanceof UsageError && error.message, "conformsAs: the plugin video has no part for the slot warp");
});
