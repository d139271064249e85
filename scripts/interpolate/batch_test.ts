import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import type { MediaHandler } from "@slomo/core";
import { join } from "@std/path";
import { planBatch } from "./batch.ts";
import { batchTable } from "./run_batch.ts";

const writes = (...endings: string[]): MediaHandler => ({
  sink: {
    accepts: (location) => Promise.resolve(endings.some((ending) => location.endsWith(ending))),
    plan: () => Promise.reject(),
  },
});
const codecs: readonly MediaHandler[] = [writes(".mp4", ".mkv"), writes("shots", "seq")];

async function withFiles(
  names: readonly string[],
  test: (at: (name: string) => string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-batch-" }), at = (name: string) => join(folder, name);
  try {
    for (const name of names) {
      await Deno.mkdir(at(join(name, "..")), { recursive: true });
      await Deno.writeTextFile(at(name), name);
    }
    await test(at);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("planBatch() gives each input a distinct output name, with .mkv where the extension cannot be kept", async () => {
  await withFiles(
    ["a.mp4", "videos/b.mp4", "videos/c.avi", "videos/notes.txt", "videos/.d.mp4", "shots/1.png"],
    async (at) => {
      const inputs = [at("a.mp4"), at("videos"), at("shots"), at("seq/%05d.png"), at("missing.mp4")];
      const targets = await planBatch({ inputs, out: at("out") }, codecs);
      equal(targets, [
        { input: at("a.mp4"), output: at("out/a.mp4") },
        { input: at("videos/b.mp4"), output: at("out/b.mp4") },
        { input: at("videos/c.avi"), output: at("out/c.mkv") },
        { input: at("shots"), output: at("out/shots") },
        { input: at("seq/%05d.png"), output: at("out/seq") },
        { input: at("missing.mp4"), output: at("out/missing.mp4") },
      ]);
    },
  );
});

Deno.test("planBatch() rejects outputs of the same name, regardless of case, and names both inputs", async () => {
  await withFiles(["x/a.mp4", "y/a.mp4", "x/B.avi", "y/b.mkv"], async (at) => {
    const plan = (...names: string[]) => planBatch({ inputs: names.map(at), out: at("out") }, codecs);
    const both = /x.a\.mp4 and .*y.a\.mp4 would both become .*out.a\.mp4/;
    await rejects(plan("x/a.mp4", "y/a.mp4"), { name: "UsageError", message: both });
    await rejects(plan("x/a.mp4", "x/a.mp4"), { name: "UsageError", message: /would both become/ });
    await rejects(plan("x/B.avi", "y/b.mkv"), { name: "UsageError", message: /B\.avi and .*b\.mkv would both become/ });
  });
});

Deno.test("planBatch() rejects outputs that would replace an input, also through a link", async () => {
  await withFiles(["x/a.mp4", "x/b.avi", "x/b.mkv"], async (at) => {
    await Deno.symlink(at("x"), at("link"), { type: "dir" });
    const plan = (out: string, ...names: string[]) => planBatch({ inputs: names.map(at), out: at(out) }, codecs);
    for (const out of ["x", "link"]) {
      await rejects(plan(out, "x/a.mp4"), { name: "UsageError", message: /would replace the input .*a\.mp4/ });
      await rejects(plan(out, "x/b.avi", "x/b.mkv"), {
        name: "UsageError",
        message: /would replace the input .*b\.mkv/,
      });
    }
    await rejects(plan("x/a.mp4", "x/b.avi"), { name: "UsageError", message: /`out` .* is a file/ });
  });
});

Deno.test("batchTable() has a line a video", () => {
  const summary = { read: 2, written: 4, interpolated: 2, cuts: 0, duplicates: 0 };
  const text = batchTable([
    { input: "a.mp4", output: "out/a.mp4", state: "done", seconds: 65, summary },
    { input: "long name.mp4", output: "out/long name.mp4", state: "failed", seconds: 0, message: "broken" },
    { input: "c.mp4", output: "out/c.mp4", state: "skipped" },
  ]);
  equal(text.split("\n"), [
    "video                   frames  time  result",
    "a.mp4          done          4  1:05  out/a.mp4",
    "long name.mp4  failed           0:00  broken",
    "c.mp4          skipped                out/c.mp4",
  ]);
});
