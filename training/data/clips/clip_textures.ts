import { resample } from "../resample.ts";
import type { DrawTexture } from "../synthetic/texture.ts";
import type { Clip } from "./clip_index.ts";
import { drawSquare, type ReadClip, readRegion } from "./clip_reader.ts";

/** Sizes of the region over the texture's size, each as often as it is listed. */
const SCALES = [1, 1, 1.5, 2];

/** Textures for synthetic motion cut from any frame of clips. */
export function clipTextures(clips: readonly Clip[], read: ReadClip): DrawTexture {
  return (random, size) => {
    const clip = random.pick(clips);
    const region = drawSquare(random, clip, Math.round(size * random.pick(SCALES)));
    const square = readRegion(read, clip, random.integer(clip.frames), region);
    const { values } = resample(square, size, size);
    for (let i = 0; i < values.length; i++) values[i]! /= 255;
    return values;
  };
}
