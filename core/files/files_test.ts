import { JobError } from "../errors.ts";
import { join } from "@std/path";
import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { syncFile, writeFileAtomic } from "./mod.ts";

const SIZE = 2 ** 22;

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-files-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Pieces in which the writer writes its files. */
const PIECES = 4;

/** Starts a process that repeatedly replaces a file, filled with 1, 2, 3, …, and prints a line at each piece but the first's. */
function startWriter(path: string): Deno.ChildProcess {
  const code = `import { writeFileAtomic } from ${JSON.stringify(new URL("./mod.ts", import.meta.url).href)};
    const bytes = new Uint8Array(${SIZE / PIECES});
    function* pieces(i) {
      for (let piece = 0; piece < ${PIECES}; piece++) {
        if (i > 1) console.log(i, piece);
        yield bytes.fill(i);
      }
    }
    for (let i = 1;; i = i % 255 + 1) await writeFileAtomic(${JSON.stringify(path)}, pieces(i));`;
  const cwd = new URL("../..", import.meta.url);
  return new Deno.Command(Deno.execPath(), { args: ["eval", "--no-check", code], cwd, stdout: "piped" }).spawn();
}

Deno.test("writeFileAtomic() leaves a complete file whenever the process is killed", async (t) => {
  await withFolder(async (folder) => {
    const path = join(folder, "file");
    for (let line = 1; line <= 3 * PIECES; line++) {
      await t.step(`killed at piece ${line}`, async () => {
        const writer = startWriter(path), reader = writer.stdout.getReader();
        for (let seen = 0; seen < line;) {
          const { value } = await reader.read();
          seen += value!.filter((byte) => byte === 10).length;
        }
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

Deno.test("writeFileAtomic() keeps the old file if the new one cannot be written", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "file");
    await Deno.mkdir(path);
    await rejects(
      () => writeFileAtomic(path, Uint8Array.of(1)),
      (e) => e instanceof JobError && e.message.includes(path),
    );
    equal([...Deno.readDirSync(folder)].map(({ name }) => name), ["file"]);
  });
});

Deno.test("writeFileAtomic() writes text and pieces of bytes, and replaces an existing file", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "file");
    await writeFileAtomic(path, "grün");
    equal(await Deno.readTextFile(path), "grün");
    await writeFileAtomic(path, [Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]);
    await syncFile(path);
    equal([...await Deno.readFile(path)], [1, 2, 3]);
    equal([...Deno.readDirSync(folder)].map(({ name }) => name), ["file"]);
  });
});

Deno.test("writeFileAtomic() leaves one of the contents if it is called several times at once", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "file"), contents = ["a", "b", "c", "d"].map((letter) => letter.repeat(SIZE));
    await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
    ok(contents.includes(await Deno.readTextFile(path)));
    equal([...Deno.readDirSync(folder)].map(({ name }) => name), ["file"]);
  });
});
