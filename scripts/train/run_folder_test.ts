import { JobError, UsageError } from "@slomo/core";
import { join } from "@std/path";
import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { beginFolder, CHECKPOINT, readCheckpoint, writeWhole } from "./run_folder.ts";

const SIZE = 2 ** 22;

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-train-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A process that writes files of one number each, 1, 2, 3, …, over each other, and says so after the first. */
function startWriter(path: string): Deno.ChildProcess {
  const code = `import { writeWhole } from ${JSON.stringify(new URL("./run_folder.ts", import.meta.url).href)};
    const bytes = new Uint8Array(${SIZE});
    for (let i = 1;; i = i % 255 + 1) {
      await writeWhole(${JSON.stringify(path)}, bytes.fill(i));
      if (i === 1) console.log("begun");
    }`;
  const cwd = new URL("../..", import.meta.url);
  return new Deno.Command(Deno.execPath(), { args: ["eval", "--no-check", code], cwd, stdout: "piped" }).spawn();
}

Deno.test("writeWhole() leaves a whole file whenever the process is killed", async (t) => {
  await withFolder(async (folder) => {
    const path = join(folder, "file");
    for (let delay = 0; delay < 60; delay += 5) {
      await t.step(`killed ${delay} ms after it began`, async () => {
        const writer = startWriter(path), reader = writer.stdout.getReader();
        await reader.read();
        await new Promise((resolve) => setTimeout(resolve, delay));
        writer.kill("SIGKILL");
        await writer.status;
        await reader.cancel();
        const bytes = await Deno.readFile(path);
        equal(bytes.length, SIZE);
        ok(bytes.every((byte) => byte === bytes[0]));
      });
    }
  });
});

Deno.test("writeWhole() leaves the old file where the new one cannot be written", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "file");
    await Deno.mkdir(path);
    await rejects(() => writeWhole(path, Uint8Array.of(1)), (e) => e instanceof JobError && e.message.includes(path));
    equal([...Deno.readDirSync(folder)].map(({ name }) => name), ["file"]);
  });
});

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
    await rejects(() => beginFolder(run, false), (e) => e instanceof UsageError && /--resume/.test(e.message));
    await beginFolder(run, true);
  });
});
