import { UsageError } from "@slomo/core";
import { join } from "@std/path";
import { rejects } from "node:assert/strict";
import { CHECKPOINT, createRunFolder, readCheckpoint } from "./run_folder.ts";

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-train-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readCheckpoint() refuses missing and invalid checkpoints", async () => {
  await withFolder(async (folder) => {
    await rejects(() => readCheckpoint(folder), (e) => e instanceof UsageError && /nothing to resume/.test(e.message));
    await Deno.writeFile(join(folder, CHECKPOINT), Uint8Array.from({ length: 400 }, (_, i) => i * 91));
    await rejects(() => readCheckpoint(folder), UsageError);
  });
});

Deno.test("createRunFolder() refuses a folder with a run unless `overwrite` is set", async () => {
  await withFolder(async (folder) => {
    const run = join(folder, "a", "b");
    await createRunFolder(run, false);
    await Deno.writeTextFile(join(run, CHECKPOINT), "x");
    await rejects(() => createRunFolder(run, false), (e) => e instanceof UsageError && /`resume`/.test(e.message));
    await createRunFolder(run, true);
  });
});
