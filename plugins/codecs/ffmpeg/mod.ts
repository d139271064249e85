/**
 * Reading and writing media with ffmpeg over pipes, and the pieces of it that other codecs of this package build on.
 *
 * @module
 */
export * from "./locate.ts";
export * from "./process.ts";
export * from "./version.ts";
export type { NutFrame, NutStream } from "./nut/codes.ts";
export { TruncatedError } from "./nut/byte_reader.ts";
export { NutReader } from "./nut/reader.ts";
export { type NutHeader, NutWriter, type WriteBytes } from "./nut/writer.ts";
export * from "./image_bytes.ts";
export * from "./pixel_formats.ts";
export * from "./encoders.ts";
export { checkFolder } from "./write/target.ts";
