/** Pairs the frames of given videos with ground-truth frames. */
import { type MediaHandler, UsageError } from "@slomo/core";
import type { Comparison, NamedFrame, Prediction } from "@slomo/training/evaluation";
import { discover, type VideoSource } from "./discover.ts";
import { openVideo, type Subset, type Video } from "./frames.ts";

/** Number of names in a message; further names are counted. */
const MAX_NAMES = 5;

function listed(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

const stemOf = ({ name }: VideoSource) => name.replace(/\.[^./\\]*$/, "");

/** Yields pairs of frames with the same name, in the order of `interpolated`. Reports frames without a partner to `onUnpaired`. */
async function* pairs(
  interpolated: AsyncIterable<NamedFrame>,
  groundTruth: AsyncIterable<NamedFrame>,
  onUnpaired: (side: "interpolated" | "groundTruth", name: string) => void,
): AsyncGenerator<Prediction> {
  const remaining = groundTruth[Symbol.asyncIterator](), unmatched = new Map<string, NamedFrame>();
  for await (const { name, image } of interpolated) {
    let partner = unmatched.get(name);
    while (partner === undefined) {
      const next = await remaining.next();
      if (next.done) break;
      if (next.value.name === name) partner = next.value;
      else unmatched.set(next.value.name, next.value);
    }
    unmatched.delete(name);
    if (partner) yield { name, interpolated: image, groundTruth: partner.image };
    else onUnpaired("interpolated", name);
  }
  for (const name of unmatched.keys()) onUnpaired("groundTruth", name);
  for (let next; !(next = await remaining.next()).done;) onUnpaired("groundTruth", next.value.name);
}

async function videos(location: string): Promise<Map<string, VideoSource>> {
  const { sources } = await discover(location, { layouts: false });
  return new Map((sources as VideoSource[]).map((video) => [sources.length === 1 ? "" : stemOf(video), video]));
}

/**
 * Opens the videos of `given` and the videos of the same name in `data`. Pairs frames by file name if both are folders of
 * images, otherwise by number. If each side has one video, the names may differ.
 *
 * @param onNote Called for videos that only one side has, and, after a video is evaluated, for such frames.
 * @throws {UsageError} If no names are equal, or a video cannot be read.
 */
export async function openComparison(
  codecs: readonly MediaHandler[],
  data: string,
  given: string,
  subset: Subset,
  onNote: (note: string) => void,
  signal: AbortSignal,
): Promise<readonly Comparison[]> {
  const groundTruths = await videos(data), interpolatedVideos = await videos(given), comparisons: Comparison[] = [];
  for (const [stem, video] of groundTruths) {
    const other = interpolatedVideos.get(stem);
    if (other === undefined) continue;
    const groundTruth = await openVideo(codecs, video.location, subset, signal),
      interpolated = await openVideo(codecs, other.location, subset, signal);
    const name = video.name,
      predictions = () => comparedFrames(interpolated, groundTruth, video.location, other.location, onNote);
    comparisons.push({ name, set: video.set, methods: [{ name: "given", predictions }] });
  }
  const only = (side: ReadonlyMap<string, VideoSource>, other: ReadonlyMap<string, VideoSource>) =>
    [...side].filter(([stem]) => !other.has(stem)).map(([, { name }]) => name);
  const missing = only(groundTruths, interpolatedVideos), extra = only(interpolatedVideos, groundTruths);
  if (comparisons.length === 0) throw new UsageError(`${data} and ${given} have no video or folder of the same name`);
  if (missing.length > 0) onNote(`missing in ${given}: ${listed(missing)}`);
  if (extra.length > 0) onNote(`only in ${given}, not measured: ${listed(extra)}`);
  return comparisons;
}

async function* comparedFrames(
  interpolated: Video,
  groundTruth: Video,
  data: string,
  given: string,
  onNote: (note: string) => void,
): AsyncGenerator<Prediction> {
  const unpaired: Record<"interpolated" | "groundTruth", string[]> = { interpolated: [], groundTruth: [] };
  const byName = interpolated.named && groundTruth.named;
  yield* pairs(
    namedFrames(interpolated, byName),
    namedFrames(groundTruth, byName),
    (side, name) => unpaired[side].push(name),
  );
  if (unpaired.groundTruth.length > 0) {
    onNote(`frames of ${data} that are missing in ${given}: ${listed(unpaired.groundTruth)}`);
  }
  if (unpaired.interpolated.length > 0) {
    onNote(`frames only in ${given}, not measured: ${listed(unpaired.interpolated)}`);
  }
}

/** Yields the frames, by number unless both sides have names. */
async function* namedFrames(video: Video, byName: boolean): AsyncGenerator<NamedFrame> {
  let index = 0;
  for await (const { name, image } of video.frames()) yield { name: byName ? name : `${index++}`, image };
}
