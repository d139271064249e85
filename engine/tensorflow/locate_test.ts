import { deepStrictEqual as equal, strictEqual, throws } from "node:assert/strict";
import { join } from "@std/path";
import { cacheFolder, locateLibrary, recordFile } from "./locate.ts";

const env = (values: Record<string, string>) => (name: string) => values[name];

Deno.test("cacheFolder() is $SLOMO_CACHE, else the cache folder of the system", () => {
  strictEqual(cacheFolder(env({ SLOMO_CACHE: "/x", HOME: "/h" }), "linux"), "/x");
  strictEqual(cacheFolder(env({ XDG_CACHE_HOME: "/c", HOME: "/h" }), "linux"), join("/c", "slomo"));
  strictEqual(cacheFolder(env({ XDG_CACHE_HOME: "relative", HOME: "/h" }), "linux"), join("/h", ".cache", "slomo"));
  strictEqual(cacheFolder(env({ HOME: "/h" }), "darwin"), join("/h", "Library", "Caches", "slomo"));
  strictEqual(cacheFolder(env({ LOCALAPPDATA: "/l" }), "windows"), join("/l", "slomo"));
});

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
