import { join } from "@std/path";
import assert from "node:assert/strict";
import { flat, imagesMedia, inFolder, write } from "./_testing.ts";
import { isWhole } from "./whole.ts";

Deno.test("isWhole() distinguishes a complete image from a truncated, empty or missing one", async () => {
  await inFolder(async (folder) => {
    for (const ending of ["png", "jpg", "bmp"]) {
      const path = join(folder, `1.${ending}`);
      assert.equal(await isWhole(path), false);
      await write(imagesMedia(), join(folder, `%d.${ending}`), [flat(16, 16, 9)]);
      assert.equal(await isWhole(path), true, ending);
      const bytes = await Deno.readFile(path);
      await Deno.writeFile(path, bytes.subarray(0, ending === "bmp" ? 0 : bytes.length - 1));
      assert.equal(await isWhole(path), false, ending);
    }
  });
});
