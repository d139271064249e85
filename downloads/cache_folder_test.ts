import { strictEqual } from "node:assert/strict";
import { join } from "@std/path";
import { cacheFolder } from "./cache_folder.ts";

const env = (values: Record<string, string>) => (name: string) => values[name];

Deno.test("cacheFolder() returns $SLOMO_CACHE, or slomo in the system's cache folder", () => {
  strictEqual(cacheFolder(env({ SLOMO_CACHE: "/x", HOME: "/h" }), "linux"), "/x");
  strictEqual(cacheFolder(env({ XDG_CACHE_HOME: "/c", HOME: "/h" }), "linux"), join("/c", "slomo"));
  strictEqual(cacheFolder(env({ XDG_CACHE_HOME: "relative", HOME: "/h" }), "linux"), join("/h", ".cache", "slomo"));
  strictEqual(cacheFolder(env({ HOME: "/h" }), "darwin"), join("/h", "Library", "Caches", "slomo"));
  strictEqual(cacheFolder(env({ LOCALAPPDATA: "/l" }), "windows"), join("/l", "slomo"));
});
