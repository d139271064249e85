import { UsageError } from "@slomo/core";
import { join } from "@std/path";
import { rejects } from "node:assert/strict";
import { beginFolder, CHECKPOINT, readCheckpoint } from "./run_folder.ts";

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-train-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readCheckpoint() refuses what is no checkpoint", async () => {
  await withFolder(async (folder) => {
    await rejects(() => readCheckpoint(folder), (e) => e instanceof UsageError && /nothing to resume/.test(e.message));
    await Deno.writeFile(join(folder, CHECKPOINT), Uint8Array.from({ length: 400 }, (_, i) => i * 91));
    await rejects(() => readCheckpoint(folder), UsageError);
  });
});

Deno.test("beginFolder() does not begin over a run that is there", async () => {
  await withFolder(async (folder) => {
    const run = join(folder, "a", "b");
    await beginFolder(run, false);
    await Deno.writeTextFile(join(run, CHECKPOINT), "x");
    await rejects(() => beginFolder(run, false), (e) => e instanceof UsageError && /`resume`/.test(e.message));
    await beginFolder(run, true);
  });
});
