import type { DroppedItem } from "@slomo/core";
import type { WriteJob } from "./write_job.ts";

/** Tags that say how the source is made and not what it is, and what is written anew. */
const OF_THE_FILE =
  /^(major_brand|minor_version|compatible_brands|creation_time|encoder|duration|handler_name|vendor_id|language|_statistics.*)$/i;

/** Names as phones and cameras write them, for which mov and mp4 have a place of its own that holds any name. */
const OWN_KEY = /^com\./i;

/** Whether an mp4 or mov is to hold tags under the names that the source has for them. */
export function hasOwnKeys({ source, container }: Pick<WriteJob, "source" | "container">): boolean {
  return container.rotation === "tag" && Object.keys(source?.details.tags ?? {}).some((name) => OWN_KEY.test(name));
}

/** The tags of the source that the container has no place for. */
export function droppedTags(job: Pick<WriteJob, "source" | "container">): DroppedItem[] {
  const { source, container } = job;
  if (!container.tags || !source || hasOwnKeys(job)) return [];
  // A language may follow the name.
  const isKept = (name: string) => OF_THE_FILE.test(name) || container.tags!.test(name.replace(/-[a-z]{3}$/, ""));
  const dropped = Object.keys(source.details.tags).filter((name) => !isKept(name));
  return dropped.length === 0
    ? []
    : [{ what: `the tag ${dropped.join(", ")}`, why: `${container.name} has no place for it` }];
}
