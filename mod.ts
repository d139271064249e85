/**
 * slomo: video frame interpolation with Super SloMo, as a library. What `deno task interpolate` does, in parts:
 * read a manifest, open an engine, and {@linkcode interpolate} any stream of frames.
 *
 * @example Make a film four times slower
 * ```ts ignore
 * const { engine } = await openEngine({ manifest, weights });
 * const factor = rational(4);
 * for await (const frame of interpolate(frames, { engine, sampling: { kind: "factor", factor }, slowdown: factor })) {
 *   console.log(frame.pts, frame.facts.made?.t);
 * }
 * ```
 *
 * @module
 */
export * from "@slomo/core";
export { readWeights, type WeightsFile } from "@slomo/core/weights";
