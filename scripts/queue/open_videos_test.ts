import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import type { SegmentedConversion } from "@slomo/slomo";
import { OpenVideos } from "./open_videos.ts";

/** Videos that record when they are opened and closed. */
function recorded(limit: number) {
  const videos = new OpenVideos(limit), seen: string[] = [];
  const use = (id: string, step: () => Promise<unknown> = () => Promise.resolve()) =>
    videos.use(id, () => {
      seen.push(`opens ${id}`);
      const video = { [Symbol.asyncDispose]: () => Promise.resolve(void seen.push(`closes ${id}`)) };
      return Promise.resolve(video as unknown as SegmentedConversion);
    }, step);
  return { videos, seen, use };
}

Deno.test("OpenVideos closes the videos that were used least recently, but none that is in use", async () => {
  const { videos, seen, use } = recorded(2), { promise, resolve } = Promise.withResolvers<void>();
  const long = use("a", () => promise);
  for (const id of ["b", "c", "b", "d"]) await use(id);
  equal(seen, ["opens a", "opens b", "opens c", "opens d", "closes c"]);
  resolve();
  await long;
  equal(seen.slice(5), ["closes a"]);
  await videos[Symbol.asyncDispose]();
  equal(seen.slice(6), ["closes b", "closes d"]);
});

Deno.test("OpenVideos opens a video again that was forgotten or could not be opened", async () => {
  const { videos, seen, use } = recorded(2);
  await use("a");
  await videos.forget("a");
  await use("a");
  equal(seen, ["opens a", "closes a", "opens a"]);
  await rejects(videos.use("b", () => Promise.reject(new Error("lost")), () => Promise.resolve()), /lost/);
  await use("b");
  equal(seen.slice(3), ["opens b"]);
});
