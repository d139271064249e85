import { UsageError } from "@slomo/core";
import { join } from "@std/path";
import { deepStrictEqual, rejects } from "node:assert/strict";
import {
  BEST,
  CHECKPOINT,
  eventsName,
  LAST,
  openRunFolder,
  readCheckpoint,
  removeRun,
  requireNoRun,
  sheetName,
} from "./run_folder.ts";

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

Deno.test("requireNoRun() refuses a folder with a checkpoint or weights", async () => {
  for (const name of [CHECKPOINT, BEST, LAST]) {
    await withFolder(async (folder) => {
      await requireNoRun(join(folder, "missing"));
      await requireNoRun(folder);
      await Deno.writeTextFile(join(folder, name), "x");
      await rejects(() => requireNoRun(folder), (e) => e instanceof UsageError && /`resume`/.test(e.message));
    });
  }
});

Deno.test("openRunFolder() refuses the folder of another run that is in progress, and a file", async () => {
  await withFolder(async (folder) => {
    const run = join(folder, "a", "b");
    {
      await using _lock = await openRunFolder(run);
      await rejects(() => openRunFolder(run), { name: "UsageError", code: "output-busy" });
    }
    await Deno.writeTextFile(join(run, `${CHECKPOINT}.0123abcd.partial`), "x");
    await using _lock = await openRunFolder(run);
    deepStrictEqual([...Deno.readDirSync(run)].map(({ name }) => name), [".lock"]);
    await Deno.writeTextFile(join(folder, "file"), "x");
    await rejects(() => openRunFolder(join(folder, "file")), { name: "UsageError", code: "output-unwritable" });
  });
});

Deno.test("removeRun() removes the files of a run only", async () => {
  await withFolder(async (folder) => {
    const files = [CHECKPOINT, BEST, LAST, sheetName(100), eventsName(1e9)];
    for (const name of [...files, "notes.txt", "sheet.png"]) await Deno.writeTextFile(join(folder, name), "x");
    await removeRun(folder);
    deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["notes.txt", "sheet.png"]);
  });
});
