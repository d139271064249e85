/** Pairs what was made elsewhere with what is right. */
import { type MediaHandler, UsageError } from "@slomo/core";
import type { Comparison, NamedFrame, Prediction } from "@slomo/training/evaluation";
import { discover, type FoundVideo } from "./discover.ts";
import { type Cut, openVideo, type Video } from "./frames.ts";

/** Names that are told one by one; beyond, the rest is counted. */
const NAMED = 5;

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

const stemOf = ({ name }: FoundVideo) => name.replace(/\.[^./\\]*$/, "");

/** Pairs of one name, in the order of `interpolated`, whose frames without a partner are told to `onLost`. */
async function* pairs(
  interpolated: AsyncIterable<NamedFrame>,
  groundTruth: AsyncIterable<NamedFrame>,
  onLost: (side: "interpolated" | "groundTruth", name: string) => void,
): AsyncGenerator<Prediction> {
  const wanted = groundTruth[Symbol.asyncIterator](), early = new Map<string, NamedFrame>();
  for await (const { name, image } of interpolated) {
    let partner = early.get(name);
    while (partner === undefined) {
      const next = await wanted.next();
      if (next.done) break;
      if (next.value.name === name) partner = next.value;
      else early.set(next.value.name, next.value);
    }
    early.delete(name);
    if (partner) yield { name, interpolated: image, groundTruth: partner.image };
    else onLost("interpolated", name);
  }
  for (const name of early.keys()) onLost("groundTruth", name);
  for (let next; !(next = await wanted.next()).done;) onLost("groundTruth", next.value.name);
}

async function videos(location: string): Promise<Map<string, FoundVideo>> {
  const { found } = await discover(location, { layouts: false });
  return new Map((found as FoundVideo[]).map((video) => [found.length === 1 ? "" : stemOf(video), video]));
}

/**
 * Videos of `given` beside those of the same name in `data`, frame by frame: by file name where both are folders of images,
 * else by number. One video on each side needs no equal name.
 *
 * @param onNote Told of videos and, once their video was measured, of frames that only one side has.
 * @throws {UsageError} If the two have nothing in common, or something cannot be read.
 */
export async function openComparison(
  codecs: readonly MediaHandler[],
  data: string,
  given: string,
  cut: Cut,
  onNote: (note: string) => void,
): Promise<readonly Comparison[]> {
  const groundTruths = await videos(data), interpolatedVideos = await videos(given), comparisons: Comparison[] = [];
  for (const [stem, video] of groundTruths) {
    const other = interpolatedVideos.get(stem);
    if (other === undefined) continue;
    const groundTruth = await openVideo(codecs, video.location, cut),
      interpolated = await openVideo(codecs, other.location, cut);
    const name = video.name,
      predictions = () => comparedFrames(interpolated, groundTruth, video.location, other.location, onNote);
    comparisons.push({ name, set: video.set, methods: [{ name: "given", predictions }] });
  }
  const only = (side: ReadonlyMap<string, FoundVideo>, other: ReadonlyMap<string, FoundVideo>) =>
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
  const lost: Record<"interpolated" | "groundTruth", string[]> = { interpolated: [], groundTruth: [] };
  const byName = interpolated.named && groundTruth.named;
  yield* pairs(numbered(interpolated, byName), numbered(groundTruth, byName), (side, name) => lost[side].push(name));
  if (lost.groundTruth.length > 0) {
    onNote(`frames of ${data} that are missing in ${given}: ${listed(lost.groundTruth)}`);
  }
  if (lost.interpolated.length > 0) onNote(`frames only in ${given}, not measured: ${listed(lost.interpolated)}`);
}

/** The frames, named by number unless both sides have names. */
async function* numbered(video: Video, byName: boolean): AsyncGenerator<NamedFrame> {
  let index = 0;
  for await (const { name, image } of video.frames()) yield { name: byName ? name : `${index++}`, image };
}
