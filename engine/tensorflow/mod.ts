/**
 * TensorFlow's native library as a backend of slomo, through FFI.
 *
 * @module
 */
export { tensorflowBackend } from "./backend.ts";
export { type LibraryFacts, tryLibrary } from "./try_library.ts";
export { describeTensorflow } from "./describe.ts";
export * from "./locate.ts";
