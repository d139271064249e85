import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { join } from "@std/path";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { unpack } from "./unpack.ts";

const BIG = Uint8Array.from({ length: 200_000 }, (_, i) => Math.abs(Math.sin(i * i)) * 1e6 % 256);
const signal = new AbortController().signal;

async function zip(members: Record<string, Uint8Array>): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [name, bytes] of Object.entries(members)) await writer.add(name, new Uint8ArrayReader(bytes));
  return await writer.close();
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("unpack() writes only the wanted members", async () => {
  await inFolder(async (folder) => {
    const archive = join(folder, "a.whl"), out = join(folder, "out");
    await Deno.writeFile(archive, await zip({ "t/lib.so.2": BIG, "t/lib.py": BIG, "u/lib.so.2": BIG }));
    equal(await unpack(archive, /^t\/lib\.so/, out, signal), ["t/lib.so.2"]);
    equal(await Deno.readFile(join(out, "t", "lib.so.2")), BIG);
    equal([...Deno.readDirSync(out)].map(({ name }) => name), ["t"]);
    await rejects(unpack(archive, /nothing/, out, signal), /has no member like nothing/);
  });
});

Deno.test("unpack() rejects an archive that is damaged, truncated, or has paths outside its folder", async () => {
  await inFolder(async (folder) => {
    const archive = join(folder, "a.whl"), bytes = await zip({ "t/lib.so.2": BIG });
    const spoiled = bytes.slice();
    spoiled[5000] = (spoiled[5000] ?? 0) ^ 255;
    for (const bad of [spoiled, bytes.slice(0, 20_000), new Uint8Array(3)]) {
      await Deno.writeFile(archive, bad);
      await rejects(unpack(archive, /lib/, join(folder, "out"), signal));
    }
    await Deno.writeFile(archive, await zip({ "../lib.so.2": BIG }));
    await rejects(unpack(archive, /lib/, join(folder, "out"), signal));
    equal([...Deno.readDirSync(folder)].some(({ name }) => name === "lib.so.2"), false);
  });
});
