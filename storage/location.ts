import { UsageError } from "@slomo/core";

/** An object, or the part before the rest of the keys of several objects. */
export interface ObjectPlace {
  /** Name of the bucket. */
  readonly bucket: string;
  /** Key in the bucket; empty for the bucket itself. */
  readonly key: string;
}

/** Names of buckets: lower-case letters, digits, hyphens and dots. */
const BUCKET = /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/;

/**
 * Parses `s3://BUCKET/KEY`. Keys with empty parts, `.` or `..` are refused, because they would leave their prefix.
 *
 * @throws {UsageError} If it is not such a location.
 *
 * @example
 * ```ts
 * import { parseObjectLocation } from "@slomo/storage";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseObjectLocation("s3://videos/a/in.mp4"), { bucket: "videos", key: "a/in.mp4" });
 * ```
 */
export function parseObjectLocation(location: string): ObjectPlace {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(location) ?? [];
  const parts = key === "" ? [] : key.replace(/\/$/, "").split("/");
  // deno-lint-ignore no-control-regex
  const isPlain = parts.every((part) => part !== "" && part !== "." && part !== ".." && !/[\x00-\x1f\x7f]/.test(part));
  if (BUCKET.test(bucket) && isPlain) return { bucket, key: parts.join("/") };
  throw new UsageError(
    `${location}: cannot use the location: it must be s3://BUCKET/KEY, without empty parts, "." and ".." in the key`,
    { code: "invalid-input" },
  );
}

/**
 * Returns whether a location is inside another one: the object itself, or one whose key begins with its key and a slash.
 *
 * @throws {UsageError} If one of them is not the location of an object.
 */
export function isInsideObject(location: string, root: string): boolean {
  const inner = parseObjectLocation(location), outer = parseObjectLocation(root);
  if (inner.bucket !== outer.bucket) return false;
  return outer.key === "" || inner.key === outer.key || inner.key.startsWith(`${outer.key}/`);
}
