import type { DroppedItem } from "@slomo/core";
import type { WriteJob } from "./write_job.ts";

/** Tags that describe the file rather than the video, or that the muxer writes. */
const FILE_TAG =
  /^(major_brand|minor_version|compatible_brands|creation_time|encoder|duration|handler_name|vendor_id|language|_statistics.*)$/i;

/** Tags of phones and cameras, which mov and mp4 store under any name. */
const CUSTOM_KEY = /^com\./i;

/** Tests whether an mp4 or mov must store tags under their names in the source. */
export function hasCustomKeys({ source, container }: Pick<WriteJob, "source" | "container">): boolean {
  return container.rotation === "tag" && Object.keys(source?.details.tags ?? {}).some((name) => CUSTOM_KEY.test(name));
}

/** Returns the tags of the source that the container does not support. */
export function droppedTags(job: Pick<WriteJob, "source" | "container">): DroppedItem[] {
  const { source, container } = job;
  if (!container.tags || !source || hasCustomKeys(job)) return [];
  // A language may follow the name.
  const isKept = (name: string) => FILE_TAG.test(name) || container.tags!.test(name.replace(/-[a-z]{3}$/, ""));
  const dropped = Object.keys(source.details.tags).filter((name) => !isKept(name));
  return dropped.length === 0
    ? []
    : [{ what: `the tag ${dropped.join(", ")}`, why: `${container.name} does not support it` }];
}
