import { deepStrictEqual as equal } from "node:assert/strict";
import { join } from "@std/path";
import { RecordFolder } from "./record_folder.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const namesIn = (folder: string) => Array.fromAsync(Deno.readDir(folder), ({ name }) => name);

Deno.test("RecordFolder keeps values by their keys, also for other processes", async () => {
  await inFolder(async (root) => {
    const folder = join(root, "new"), records = new RecordFolder(folder, 3);
    equal([await records.read("a"), await records.list()], [undefined, []]);
    await records.write("a", { n: 1 });
    await records.write("b", [2]);
    equal([await new RecordFolder(folder, 3).read("a"), await records.read("b")], [{ n: 1 }, [2]]);
    await records.write("a", { n: 3 });
    equal([await records.read("a"), (await records.list()).length], [{ n: 3 }, 2]);
    equal((await namesIn(folder)).filter((name) => !/^[0-9a-f]{32}\.json$/.test(name)), [], "no partial files");
    await records.clear();
    equal([await records.read("a"), await namesIn(folder)], [undefined, []]);
  });
});

Deno.test("RecordFolder removes the oldest files, and takes a file of another key or format for none", async () => {
  await inFolder(async (folder) => {
    const records = new RecordFolder(folder, 2);
    await records.write("a", 1);
    const [file] = await namesIn(folder), path = join(folder, file!);
    for (const text of ["", "{", "null", '{"format":2,"key":"a","value":1}', '{"format":1,"key":"b","value":1}']) {
      await Deno.writeTextFile(path, text);
      equal(await records.read("a"), undefined, text);
    }
    await Deno.utime(path, 1e9, 1e9);
    await records.write("b", 2);
    await records.write("c", 3);
    equal([(await namesIn(folder)).length, await records.read("b"), await records.read("c")], [2, 2, 3]);
  });
});

Deno.test("RecordFolder stores nothing where it cannot", async () => {
  await inFolder(async (root) => {
    const file = join(root, "file"), records = new RecordFolder(file, 2);
    await Deno.writeTextFile(file, "");
    await records.write("a", 1);
    await records.clear();
    equal([await records.read("a"), await records.list()], [undefined, []]);
  });
});
