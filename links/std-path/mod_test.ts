import assert from "node:assert/strict";
import { basename, dirname, extname, fromFileUrl, isAbsolute, join, relative, resolve, toFileUrl } from "@std/path";

Deno.test("paths come apart and together again", () => {
  const path = join("a b", "..", "x %04d y", "clip.tar.gz");
  assert.equal(dirname(path), "x %04d y");
  assert.equal(basename(path), "clip.tar.gz");
  assert.equal(basename(path, ".gz"), "clip.tar");
  assert.equal(extname(path), ".gz");
  assert.equal(isAbsolute(path), false);
  assert.equal(relative("x %04d y", path), "clip.tar.gz");
});

Deno.test("fromFileUrl() undoes toFileUrl() for names with spaces and signs", () => {
  const path = resolve("sp ace é日本 'q' 100%d.mp4");
  assert.equal(fromFileUrl(toFileUrl(path)), path);
});
