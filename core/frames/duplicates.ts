/** Finds pictures that repeat, and writes it into the frames' facts. */
import type { Frame } from "../contracts/frame.ts";
import { changeOf, movedShare } from "./duplicates/change.ts";
import { type Thumbnail, thumbnail } from "./scenes/thumbnail.ts";

/** As many cells as 480 × 270 have: fine enough to see lips and cursors move. */
const CELLS = 480 * 270;

/** The most frames that are held back until it is known what follows them. */
export const DUPLICATE_WINDOW = 16;

/** More than these levels of 8 bit in one place is no coding noise, and less no movement that people would miss. */
const MOST_NOISE = 12;

/** A repeat differs by less than this share of what the movement about it does. */
const NOISE_SHARE = 0.2;

/** Less than this, in levels, is no change of any kind. */
const SAME = 0.1;

/** Shifts explain the difference in this share of the patches in slow movement (pans: 0.57 and more; repeats coded anew: up to 0.11). */
const MOVED_SHARE = 0.3;

/** A picture that brightens by more than this many levels is a fade. */
const MOST_BRIGHTENING = 0.5;

/** A frame that may be a repeat, until it is known what moves about it. */
interface Candidate {
  readonly frame: Frame;
  readonly worst: number;
}

/** Whether `b` may be `a` again; movement is looked for last, since it takes four fifths of comparing. */
function isQuiet(a: Thumbnail, b: Thumbnail, { worst, brightness } = changeOf(a, b)): boolean {
  if (worst < SAME) return true;
  return worst < MOST_NOISE && Math.abs(brightness) < MOST_BRIGHTENING && movedShare(a, b) < MOVED_SHARE;
}

/**
 * Passes frames on with `facts.duplicate` set, unless it is already: whether a frame shows the picture before it but for
 * noise of coding. It does if no place in it differs by more than a fifth of what the movement just before and after
 * changes, and if no slow shift or fade explains the difference. Where nothing moves, and where everything changes as little
 * as everything else (noise, slow pans), nothing is a repeat. Frames must bring their cuts along: what changes at a cut is no
 * movement.
 *
 * Holds {@linkcode DUPLICATE_WINDOW} frames back at most, and those only while pictures seem to repeat.
 */
export async function* annotateDuplicates(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
  let run: Candidate[] = [], before = 0, anchor: Thumbnail | undefined, last: Thumbnail | undefined;
  const judged = ({ frame, worst }: Candidate, movement: number): Frame => {
    const duplicate = movement >= MOST_NOISE && worst < NOISE_SHARE * movement;
    return { ...frame, facts: { duplicate, ...frame.facts } };
  };
  const flush = (after: number): Frame[] => {
    const movement = Math.max(before, after, ...run.map(({ worst }) => worst));
    const done = run.map((candidate) => judged(candidate, movement));
    run = [];
    return done;
  };
  for await (const frame of frames) {
    const now = thumbnail(frame.image, CELLS);
    const isNew = !last || frame.facts.cut || last.width !== now.width || last.height !== now.height;
    const change = isNew ? undefined : changeOf(last!, now);
    const mayRepeat = change && isQuiet(last!, now, change) && (run.length === 0 || isQuiet(anchor!, now));
    last = now;
    if (mayRepeat) {
      run.push({ frame, worst: change.worst });
      if (run.length > DUPLICATE_WINDOW) yield judged(run.shift()!, before);
      continue;
    }
    yield* flush(change?.worst ?? 0);
    yield { ...frame, facts: { duplicate: false, ...frame.facts } };
    before = change?.worst ?? 0;
    anchor = now;
  }
  yield* flush(0);
}
