/** Pairs what was made elsewhere with what is right. */
import { type Codec, UsageError } from "@slomo/core";
import type { Contest, NamedPicture, Prediction } from "@slomo/training/evaluation";
import { discover, type FoundVideo } from "./discover.ts";
import { type Cut, openVideo, type Video } from "./frames.ts";

/** Names that are told one by one; beyond, the rest is counted. */
const NAMED = 5;

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

const stemOf = ({ name }: FoundVideo) => name.replace(/\.[^./\\]*$/, "");

/** Pairs of one name, in the order of `made`, whose frames without a partner are told to `onLost`. */
async function* pairs(
  made: AsyncIterable<NamedPicture>,
  truth: AsyncIterable<NamedPicture>,
  onLost: (side: "made" | "truth", name: string) => void,
): AsyncGenerator<Prediction> {
  const wanted = truth[Symbol.asyncIterator](), early = new Map<string, NamedPicture>();
  for await (const { name, picture } of made) {
    let partner = early.get(name);
    while (partner === undefined) {
      const next = await wanted.next();
      if (next.done) break;
      if (next.value.name === name) partner = next.value;
      else early.set(next.value.name, next.value);
    }
    early.delete(name);
    if (partner) yield { name, made: picture, truth: partner.picture };
    else onLost("made", name);
  }
  for (const name of early.keys()) onLost("truth", name);
  for (let next; !(next = await wanted.next()).done;) onLost("truth", next.value.name);
}

async function videos(location: string): Promise<Map<string, FoundVideo>> {
  const { found } = await discover(location, { layouts: false });
  return new Map((found as FoundVideo[]).map((video) => [found.length === 1 ? "" : stemOf(video), video]));
}

/**
 * Videos of `given` beside those of the same name in `data`, frame by frame: by file name where both are folders of pictures,
 * else by number. One video on each side needs no equal name.
 *
 * @param onNote Told of videos and, once their video was measured, of frames that only one side has.
 * @throws {UsageError} If the two have nothing in common, or something cannot be read.
 */
export async function openComparison(
  codecs: readonly Codec[],
  data: string,
  given: string,
  cut: Cut,
  onNote: (note: string) => void,
): Promise<readonly Contest[]> {
  const truths = await videos(data), mades = await videos(given), contests: Contest[] = [];
  for (const [stem, video] of truths) {
    const other = mades.get(stem);
    if (other === undefined) continue;
    const truth = await openVideo(codecs, video.location, cut), made = await openVideo(codecs, other.location, cut);
    const name = video.name, predictions = () => comparedFrames(made, truth, video.location, other.location, onNote);
    contests.push({ name, set: video.set, contestants: [{ name: "given", predictions }] });
  }
  const only = (side: ReadonlyMap<string, FoundVideo>, other: ReadonlyMap<string, FoundVideo>) =>
    [...side].filter(([stem]) => !other.has(stem)).map(([, { name }]) => name);
  const missing = only(truths, mades), extra = only(mades, truths);
  if (contests.length === 0) throw new UsageError(`${data} and ${given} have no video or folder of one name`);
  if (missing.length > 0) onNote(`missing in ${given}: ${listed(missing)}`);
  if (extra.length > 0) onNote(`only in ${given}, not measured: ${listed(extra)}`);
  return contests;
}

async function* comparedFrames(
  made: Video,
  truth: Video,
  data: string,
  given: string,
  onNote: (note: string) => void,
): AsyncGenerator<Prediction> {
  const lost: Record<"made" | "truth", string[]> = { made: [], truth: [] };
  const byName = made.named && truth.named;
  yield* pairs(numbered(made, byName), numbered(truth, byName), (side, name) => lost[side].push(name));
  if (lost.truth.length > 0) onNote(`frames of ${data} that are missing in ${given}: ${listed(lost.truth)}`);
  if (lost.made.length > 0) onNote(`frames only in ${given}, not measured: ${listed(lost.made)}`);
}

/** The frames, named by number unless both sides have names. */
async function* numbered(video: Video, byName: boolean): AsyncGenerator<NamedPicture> {
  let index = 0;
  for await (const { name, picture } of video.frames()) yield { name: byName ? name : `${index++}`, picture };
}
