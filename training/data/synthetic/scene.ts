import type { Random } from "../random.ts";
import { drawMask } from "./mask.ts";
import { addMotion, drawMotion, type Motion, STILL } from "./motion.ts";
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
/** Shares of backgrounds that do not move, of layers that move with the background, and of layers that are long and thin. */
const SHARES = { still: 0.1, attached: 0.2, thin: 0.25 };

/** Draws a scene: a background and one to four layers, each with its own motion relative to the background's. */
export function drawScene(
  random: Random,
  size: number,
  drawTexture: DrawTexture,
  { translation = 0.08 }: SceneOptions = {},
): Scene {
  const textureSize = size + MARGIN;
  const moving = drawMotion(random, size, { translation, turn: TURN.background });
  const background: Layer = {
    motion: random.chance(SHARES.still) ? STILL : moving,
    texture: drawTexture(random, textureSize),
  };
  const layers = Array.from({ length: 1 + random.integer(MOST_LAYERS - 1) }, (): Layer => {
    const own = drawMotion(random, size, { translation, turn: TURN.layer });
    return {
      motion: random.chance(SHARES.attached) ? background.motion : addMotion(background.motion, own),
      texture: drawTexture(random, textureSize),
      mask: drawMask(random, textureSize, random.chance(SHARES.thin)),
    };
  });
  return { size, textureSize, layers: [background, ...layers] };
}
