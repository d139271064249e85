/**
 * Locations such as `s3://bucket/videos/in.mp4`, and the environment variables and profiles with the address and the credentials
 * of their storage. This entry point loads no client.
 *
 * @module
 */
export * from "./location.ts";
export * from "./profile.ts";
export * from "./settings.ts";
export * from "./variables.ts";
