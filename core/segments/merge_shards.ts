import type { Frame, Image } from "../contracts/frame.ts";
import { compare, type Rational } from "../time/rational.ts";
import type { PreparedJob } from "../video/prepare_job.ts";
import { regularizeTimestamps } from "../video/regular_timestamps.ts";
import { timeOf } from "../video/timeline.ts";
import type { ScannedShard } from "./scan_shard.ts";
import { factsOf } from "./source_record.ts";

/** All frames of a source, as shards have scanned them: their images have no pixels. */
export interface ScannedSource {
  /** The frames, with `facts.cut` and `facts.duplicate`. */
  readonly frames: readonly Frame[];
  /** Returns the CRC-32 of the pixels of an image. */
  readonly checksumOf: (image: Image) => number;
}

/** Returns the timestamp, the duration and the checksum of a frame as text. */
const identityOf = ({ pts, durations, checksums }: ScannedShard, at: number) =>
  `${pts[at]} ${durations[at]} ${checksums[at]}`;

/** Returns whether two consecutive shards have the same frames where both have frames, up to the first frame of the second. */
function agree(a: ScannedShard, b: ScannedShard): boolean {
  const first = b.first!, from = a.pts[0]! > b.pts[0]! ? a.pts[0]! : b.pts[0]!;
  const common = (shard: ScannedShard, last: number) =>
    shard.pts.slice(0, last + 1).flatMap((pts, i) => pts < from ? [] : [identityOf(shard, i)]);
  const [left, right] = [common(a, a.pts.length - 1), common(b, first)];
  return left.length > 0 && left.length === right.length && left.every((text, i) => text === right[i]) &&
    factsOf(a.facts.at(-1)).cut === factsOf(b.facts[first]).cut;
}

/** Returns the own frames of each shard in order; `undefined` if shards do not agree where they meet. */
function ownFrames(
  shards: readonly ScannedShard[],
): (readonly [ScannedShard, from: number, until: number])[] | undefined {
  const own: [ScannedShard, number, number][] = [];
  let last: ScannedShard | undefined;
  for (const shard of shards) {
    if (shard.first === null) continue;
    if (last && (last.isEnd || !agree(last, shard))) return undefined;
    own.push([shard, shard.first, shard.isEnd ? shard.pts.length : shard.pts.length - 1]);
    last = shard;
  }
  return last?.isEnd ? own : undefined;
}

/** Returns whether the timestamps of all frames are used. In one pass over the source, the detectors do not see dropped frames. */
async function areUsed({ info: { video } }: PreparedJob, frames: readonly Frame[]): Promise<boolean> {
  async function* all() {
    yield* frames;
  }
  let last: Rational | undefined;
  for await (const frame of video.constantRate ? regularizeTimestamps(all(), video.rate) : all()) {
    const time = timeOf(frame);
    if (last && compare(time, last) <= 0) return false;
    last = time;
  }
  return true;
}

/**
 * Merges the shards of a source.
 *
 * @param shards All shards, in order.
 * @returns `undefined` if one pass over the source may find other frames or facts: decoding reported errors; shards differ where
 * they meet, as after a seek to a damaged or unusual key frame; or timestamps do not rise.
 */
export async function mergeShards(
  job: PreparedJob,
  shards: readonly ScannedShard[],
): Promise<ScannedSource | undefined> {
  const own = ownFrames(shards), head = own?.[0]?.[0];
  if (!own || !head || shards.some(({ isDamaged }) => isDamaged)) return undefined;
  const { format, color } = job.info.video, checksums = new WeakMap<Image, number>(), frames: Frame[] = [];
  for (const [{ timebase, width, height, pts, durations, checksums: sums, facts }, from, until] of own) {
    const isSame = width === head.width && height === head.height && compare(timebase, head.timebase) === 0;
    if (!isSame) return undefined;
    for (let i = from; i < until; i++) {
      const image: Image = { width, height, format, color, planes: [] };
      checksums.set(image, sums[i]!);
      frames.push({ pts: pts[i]!, timebase, duration: durations[i] ?? undefined, image, facts: factsOf(facts[i]) });
    }
  }
  if (!await areUsed(job, frames)) return undefined;
  return { frames, checksumOf: (image) => checksums.get(image)! };
}
