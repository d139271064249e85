import type { Random } from "../random.ts";
import { drawMask } from "./mask.ts";
import { addMotion, drawMotion, type Motion, STILL } from "./motion.ts";
import { drawPattern } from "./pattern.ts";
import type { DrawTexture } from "./texture.ts";

/** A planar layer that moves. */
export interface Layer {
  /** Its motion. */
  readonly motion: Motion;
  /** RGB in [0, 1], [P, P, 3], centered on the layer's origin; mirrored beyond its edges. */
  readonly texture: Float32Array;
  /** Coverage by the layer in [0, 1], [P, P]; absent if it covers everything. */
  readonly mask?: Float32Array | undefined;
}

/** A square scene of layers, from back to front. */
export interface Scene {
  /** Width and height of its images in pixels. */
  readonly size: number;
  /** P, width and height of textures and masks in pixels. */
  readonly textureSize: number;
  /** Layers; the first one has no mask. */
  readonly layers: readonly Layer[];
}

/** Options of scenes. */
export interface SceneOptions {
  /** Mean translation relative to the image size, about 0.05 to 0.08. @default {0.08} */
  readonly translation?: number | undefined;
}

/** Size of textures beyond that of images, in pixels, so that little is mirrored. */
const MARGIN = 64;
const MOST_LAYERS = 5;
const TURN = { background: 0.04, layer: 0.05 };
/**
 * Shares of backgrounds that do not move, of those with a pattern that do not, of layers that move with the background, of
 * layers that are long and thin, and of textures that are a repeating pattern.
 */
const SHARES = { still: 0.1, stillPattern: 0.5, attached: 0.2, thin: 0.25, pattern: 0.12 };

/**
 * Draws a scene: a background and one to four layers, each with its own motion relative to the background's. Some have a
 * repeating pattern instead of a texture of `drawTexture`, still or moving.
 */
export function drawScene(
  random: Random,
  size: number,
  drawTexture: DrawTexture,
  { translation = 0.08 }: SceneOptions = {},
): Scene {
  const textureSize = size + MARGIN;
  const draw = (isPattern: boolean) => (isPattern ? drawPattern : drawTexture)(random, textureSize);
  const hasPattern = random.chance(SHARES.pattern);
  const moving = drawMotion(random, size, { translation, turn: TURN.background });
  const background: Layer = {
    motion: random.chance(hasPattern ? SHARES.stillPattern : SHARES.still) ? STILL : moving,
    texture: draw(hasPattern),
  };
  const layers = Array.from({ length: 1 + random.integer(MOST_LAYERS - 1) }, (): Layer => {
    const own = drawMotion(random, size, { translation, turn: TURN.layer });
    return {
      motion: random.chance(SHARES.attached) ? background.motion : addMotion(background.motion, own),
      texture: draw(random.chance(SHARES.pattern)),
      mask: drawMask(random, textureSize, random.chance(SHARES.thin)),
    };
  });
  return { size, textureSize, layers: [background, ...layers] };
}
