/**
 * Pixels and what is detected in them: color conversion, scene cuts, duplicate frames, flow files and flow colors.
 *
 * @module
 */
export { alphaOf, imageToRgb, rgbToImage } from "./color.ts";
export { encodeFlo, type Flow } from "./flo.ts";
export { flowImage } from "./flow_image.ts";
export { newPlane, planeSizes } from "./image.ts";
export { type ColorMeaning, colorMeaning } from "./matrix.ts";
export { annotateDuplicates } from "./duplicates.ts";
export { annotateCuts, type CutOptions } from "./scenes.ts";
