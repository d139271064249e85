import { PRESETS } from "@slomo/training";
import { join } from "@std/path";
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { openSources } from "./data_sources.ts";

Deno.test("openSources() uses triplets with the gaps that fit, and says so", async () => {
  const folder = await Deno.makeTempDir({ prefix: "triplets-" });
  try {
    const facts = { source: "s", width: 32, height: 32, rate: null, start: 0, motion: 5 };
    const clips = [{ file: "a.rgb", split: "train", frames: 3, ...facts }];
    await Deno.writeTextFile(
      join(folder, "index.json"),
      JSON.stringify({ version: 1, options: {}, clips, skipped: [] }),
    );
    const notes: string[] = [], config = { ...PRESETS.recipe!, data: [folder] };
    const [source] = openSources(config, "train", (note) => notes.push(note));
    equal(notes.length, 1);
    ok(
      notes[0]!.endsWith(": 1 of 1 clips are too short for gaps of 3, 4 frames; only shorter gaps are drawn from them"),
    );
    ok(source);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
