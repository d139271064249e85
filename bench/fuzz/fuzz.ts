import { join } from "@std/path";
import { KINDS, type Whole } from "./kinds.ts";
import { mutate } from "./mutate.ts";
import { dice } from "./random.ts";
import { type Attempt, type Outcome, tryInput } from "./try_input.ts";

/** Result of a seed. */
export interface SeedOutcome extends Outcome {
  /** The seed. */
  readonly seed: number;
  /** Description of the damage. */
  readonly how: string;
}

/** Endings of outputs, in turns: a video with the other streams of the source, and images. */
const OUTPUTS = [".mkv", "", ".mp4", ""];

/** Inputs of a run. */
export interface FuzzOptions {
  /** Name of the kind. */
  readonly kind: string;
  /** Undamaged inputs of all kinds. */
  readonly wholes: ReadonlyMap<string, Whole>;
  /** The first seed. */
  readonly from: number;
  /** Number of seeds. */
  readonly count: number;
  /** Converts an input. */
  readonly attempt: Attempt;
  /** Folder for inputs that fail. */
  readonly keep?: string | undefined;
}

/** Tests damaged inputs of one kind, one per seed; equal seeds give equal damage. */
export async function* fuzz(options: FuzzOptions): AsyncGenerator<SeedOutcome> {
  const { kind, wholes, from, count, attempt, keep } = options, { ending, isSequence } = KINDS[kind]!;
  const whole = wholes.get(kind)!,
    others = [...wholes].filter(([name]) => KINDS[name]!.ending !== ending).map(([, files]) => files[0]!);
  for (let seed = from; seed < from + count; seed++) {
    const roll = dice(seed), folder = await Deno.makeTempDir({ prefix: "slomo-fuzz-" });
    try {
      const broken = roll.below(whole.length), { bytes, how } = mutate(whole[broken]!, others, roll);
      const input = join(folder, isSequence ? "in" : `in.${ending}`), out = join(folder, "out");
      await Deno.mkdir(out);
      if (isSequence) await Deno.mkdir(input);
      const paths = whole.map((_, i) => isSequence ? join(input, `${i + 1}.${ending}`) : input);
      for (const [i, path] of paths.entries()) await Deno.writeFile(path, i === broken ? bytes : whole[i]!);
      const outcome = await tryInput(attempt, input, out, OUTPUTS[seed % OUTPUTS.length]!);
      if (outcome.end === "wrong" && keep !== undefined) {
        await Deno.mkdir(keep, { recursive: true });
        await Deno.copyFile(paths[broken]!, join(keep, `${kind.replaceAll(" ", "-")}-${seed}.${ending}`));
      }
      yield { seed, how, ...outcome };
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
}
