/**
 * Color conversion, detection of scene cuts and duplicate frames, and optical flow as files and images.
 *
 * @module
 */
export { alphaOf, imageToRgb, rgbToImage } from "./color.ts";
export { encodeFlo, type Flow } from "./flo.ts";
export { flowImage, longestFlow } from "./flow_image.ts";
export { meanImage } from "./mean_image.ts";
export { newPlane, planeSizes } from "./image.ts";
export { type ColorMeaning, colorMeaning } from "./matrix.ts";
export { annotateDuplicates } from "./duplicates.ts";
export { annotateCuts, type CutOptions } from "./scenes.ts";
