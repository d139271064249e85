/** Finds what stands still while the rest moves, and writes it into the frames' facts. */
import type { Frame } from "../contracts/frame.ts";
import { sameWhere, soften } from "./still/mask.ts";

/** What stands still does so for this many steps from frame to frame, or for all of a shorter shot. */
const RUN = 3;

/** The most frames that are held back while steps are looked for beyond repeats. */
const MOST_AHEAD = 6;

/** A frame, and where it shows the same as the one before; nowhere known at a cut and in a repeat. */
interface Seen {
  readonly frame: Frame;
  readonly same: Uint8Array<ArrayBuffer> | undefined;
}

const beginsShot = ({ frame }: Seen) => frame.facts.cut === true;

/** Steps after the first of `waiting` in the same shot, the nearest first. */
function following(waiting: readonly Seen[]): Uint8Array[] {
  const cut = waiting.findIndex((seen, i) => i > 0 && beginsShot(seen));
  const shot = waiting.slice(1, cut < 0 ? undefined : cut);
  return shot.flatMap(({ same }) => same ?? []).slice(0, RUN - 1);
}

/** Ones where a run of `RUN` steps about `now`, or all of them if there are fewer, show the same. */
function steady(now: Uint8Array, past: readonly Uint8Array[], future: readonly Uint8Array[]): Uint8Array {
  const steps = [...past, now, ...future], at = past.length, length = Math.min(RUN, steps.length);
  const mask = new Uint8Array(now.length);
  for (let begin = Math.max(0, at - length + 1); begin <= at && begin + length <= steps.length; begin++) {
    const run = steps.slice(begin, begin + length);
    for (let i = 0; i < mask.length; i++) if (now[i] && run.every((step) => step[i])) mask[i] = 1;
  }
  return mask;
}

/**
 * Passes frames on with `facts.still` set, but at cuts and in repeats: how far each pixel stands still between the frame before
 * and this one. It does where no component differs by more than noise, over three steps in a row of the same shot, together
 * with its neighbors; the edge is soft. Frames must bring their cuts along, and their repeats if these are to be looked
 * through.
 *
 * Holds six frames back at most.
 */
export async function* annotateStill(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
  let past: Uint8Array[] = [], last: Frame | undefined;
  const waiting: Seen[] = [];
  const next = (): Frame => {
    const seen = waiting[0]!, { frame, same } = seen, { width, height } = frame.image;
    if (beginsShot(seen)) past = [];
    const still = same && soften(steady(same, past, following(waiting)), width, height);
    if (same) past = [...past, same].slice(1 - RUN);
    waiting.shift();
    return still ? { ...frame, facts: { ...frame.facts, still } } : frame;
  };
  for await (const frame of frames) {
    const isStep = last && !frame.facts.cut && !frame.facts.duplicate &&
      last.image.width === frame.image.width && last.image.height === frame.image.height;
    waiting.push({ frame, same: isStep ? sameWhere(last!.image, frame.image) : undefined });
    last = frame;
    while (waiting.length > MOST_AHEAD || following(waiting).length >= RUN - 1) yield next();
  }
  while (waiting.length > 0) yield next();
}
