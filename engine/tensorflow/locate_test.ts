import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { join } from "@std/path";
import { locateLibrary, recordFile } from "./locate.ts";

const env = (values: Record<string, string>) => (name: string) => values[name];

Deno.test("locateLibrary() names the command to run if there is no library, its record is damaged, or its file is gone", async () => {
  const cache = await Deno.makeTempDir();
  try {
    const here = env({ SLOMO_CACHE: cache });
    const refused = (words: RegExp) => throws(() => locateLibrary(here), words);
    refused(/libtensorflow is not installed; run `deno task setup`/);
    await Deno.writeTextFile(recordFile(cache), "{}");
    refused(/libtensorflow\.json is damaged; run `deno task setup`/);
    await Deno.writeTextFile(recordFile(cache), "{");
    refused(/cannot read .*; run `deno task setup`/);
    const record = { library: join(cache, "lib.so"), source: "a test" };
    await Deno.writeTextFile(recordFile(cache), JSON.stringify(record));
    refused(/there is no .*lib\.so \(a test\) anymore; run `deno task setup`/);
    await Deno.writeTextFile(record.library, "");
    equal(locateLibrary(here), record);
    equal(locateLibrary(env({ SLOMO_LIBTENSORFLOW: "/a.so" })).library, "/a.so");
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});
