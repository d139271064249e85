/**
 * A page on this machine to interpolate videos with: opens videos, plans, previews and runs conversions in a queue that
 * survives restarts, and compares results. {@linkcode startWeb} starts its server.
 *
 * @module
 */
export type { RemoteQueue, RemoteVideo } from "./server/remote.ts";
export { startWeb, type WebOptions, type WebServer } from "./server/start.ts";
