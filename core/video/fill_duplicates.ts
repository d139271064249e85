import { DUPLICATE_WINDOW } from "../frames/duplicates.ts";
import { add, compare, divide, multiply, type Rational, rational } from "../time/rational.ts";
import type { Step } from "./steps.ts";

/** Seconds for which a picture may be held and still be filled; one that is held longer is meant to stand still. */
export const LONGEST_HOLD: Rational = rational(1, 3);

const totalOf = (steps: readonly Step[]) => steps.reduce((sum, { duration }) => add(sum, duration), rational(0));

/** One step over several: the same output frames, each at its place in the whole. */
function merge(steps: readonly Step[]): Step {
  const [{ first, timebase }, { second }] = [steps[0]!, steps.at(-1)!], duration = totalOf(steps);
  let elapsed = rational(0);
  const slots = steps.flatMap((step) => {
    const begun = elapsed;
    elapsed = add(elapsed, step.duration);
    return step.slots.map(({ pts, t }) => ({ pts, t: divide(add(begun, multiply(t, step.duration)), duration) }));
  });
  return { first, second, duration, slots, timebase };
}

/**
 * Lets a picture that is repeated (`facts.duplicate`) move on into the next one over all the time that it is held: its
 * repeats give way to frames in between. The output frames and their times stay as they are. A picture that is held for
 * more than {@linkcode LONGEST_HOLD}, up to a cut or to the end of the video is left as it is.
 */
export async function* fillDuplicates(steps: AsyncIterable<Step>): AsyncGenerator<Step> {
  let held: Step[] = [], isStill = false;
  for await (const step of steps) {
    const isRepeat = step.second.facts.duplicate === true && !step.second.facts.cut && step.second !== step.first;
    if (isStill) {
      isStill = isRepeat;
      yield step;
      continue;
    }
    held.push(step);
    const isTooLong = held.length > DUPLICATE_WINDOW || compare(totalOf(held), LONGEST_HOLD) > 0;
    if (isRepeat && !isTooLong) continue;
    isStill = isRepeat;
    const canMove = !isTooLong && !step.second.facts.cut && step.second !== step.first;
    if (canMove && held.length > 1) yield merge(held);
    else yield* held;
    held = [];
  }
  yield* held;
}
