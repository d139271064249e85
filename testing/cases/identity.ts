import { check } from "../check.ts";
import { noise } from "../numbers.ts";
import { runTrial } from "../run.ts";
import { type CaseDefinition, smallShape } from "./subject.ts";

/** A warp along no flow changes nothing, and one along whole pixels moves them. */
export const identity: CaseDefinition = {
  id: "identity",
  sentence: "returns the identical image for zero flow, and samples to the right and below for positive flow",
  slots: ["warp"],
  async run({ make }) {
    const trial = make(), { height, width } = smallShape(trial), shape = { batch: 1, height, width };
    const image = noise([1, height, width, 3], 1), pixels = height * width;
    const along = async (dx: number, dy: number) => {
      const values = Float32Array.from({ length: 2 * pixels }, (_, i) => i % 2 === 0 ? dx : dy);
      return (await runTrial(trial, shape, { inputs: { image, flow: { shape: [1, height, width, 2], values } } }))[
        "sampled"
      ]!;
    };
    const still = await along(0, 0);
    check(
      image.values.every((value, i) => value === still.values[i]),
      `${trial.name}: zero flow must give the image to the bit`,
    );
    const moved = await along(2, 1), row = 3 * width;
    for (let y = 0; y < height - 1; y++) {
      for (let i = 0; i < row - 6; i++) {
        const far = Math.abs(moved.values[y * row + i]! - image.values[(y + 1) * row + i + 6]!);
        check(far < 1e-4, `${trial.name}: flow (2, 1) must read two pixels to the right and one below`);
      }
    }
  },
};
