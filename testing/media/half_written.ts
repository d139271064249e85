import { check } from "../check.ts";
import { begin, COUNT, frameAt, listOf, writeOptions } from "./video.ts";
import type { MediaCase } from "./subject.ts";

/** A target gets its name when it is complete. */
export const halfWritten: MediaCase = {
  id: "half-written",
  sentence: "renames a finished video atomically, and leaves no other file",
  applies: ({ write }) => write !== undefined,
  async run({ codec, trial: { write, format }, folder, name }) {
    const location = write!(folder), writer = await begin(codec, writeOptions(location, format));
    const isThere = async () =>
      (await listOf(folder)).filter((found) => `${folder}/${found}` === firstOf(location, folder));
    for (let i = 0; i < COUNT; i++) {
      await writer.write(frameAt(i, format));
      check(
        (await isThere()).length === 0,
        `${name}: ${location} exists before it is complete`,
      );
    }
    await writer.finish();
    check(
      (await isThere()).length === 1,
      `${name}: ${location} does not exist after finish()`,
    );
    const left = await listOf(folder), own = firstOf(location, folder).slice(folder.length + 1);
    const others = left.filter((found) => found !== own && !found.startsWith(`${own}/`));
    check(others.length === 0, `${name}: it leaves ${others.join(", ")} in addition to its output`);
    await writer.abort();
    check((await listOf(folder)).join() === left.join(), `${name}: abort() after finish() must do nothing`);
  },
};

/** What a location makes in a folder: itself, or the folder in it that holds its files. */
function firstOf(location: string, folder: string): string {
  const below = location.slice(folder.length).replaceAll("\\", "/").split("/").filter((step) => step !== "");
  return `${folder}/${below[0]}`;
}
