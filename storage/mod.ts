/**
 * Objects in a storage with the protocol of Amazon S3: locations such as `s3://bucket/videos/in.mp4`, a client, and a relay
 * through which ffmpeg reads an object.
 *
 * @module
 */
export * from "./client.ts";
export * from "./locations.ts";
export * from "./relay.ts";
