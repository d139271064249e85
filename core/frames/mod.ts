/**
 * Pixels and what is detected in them: color conversion, scene cuts, duplicate frames, flow files and flow colors.
 *
 * @module
 */
export { alphaOf, imageToRgb, rgbToImage } from "./colour.ts";
export { encodeFlo, type Flow } from "./flo.ts";
export { flowPicture } from "./flow_picture.ts";
export { newPlane, planeSizes } from "./image.ts";
export { type ColourMeaning, colourMeaning } from "./matrix.ts";
export * from "./repeats.ts";
export * from "./scenes.ts";
