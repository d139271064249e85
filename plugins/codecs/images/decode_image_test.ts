import { join } from "@std/path";
import assert from "node:assert/strict";
import { testFfmpegs } from "../_testing.ts";
import { ON_WINDOWS, testUnless } from "../../../tests/_unless.ts";
import { imagesMedia, inFolder, noise, read, write } from "./_testing.ts";
import { countTogether } from "./decode_image.ts";

const like = (width: number, height: number) => ({ ...noise(1, 1, {}), width, height });

Deno.test("countTogether() is larger for smaller images, and 1 for large ones", () => {
  assert.deepEqual([like(64, 48), like(1920, 1080), like(3840, 2160)].map(countTogether), [8, 2, 1]);
});

for (const own of await testFfmpegs()) {
  testUnless(
    ON_WINDOWS,
    `images decodes eight small images with one process (ffmpeg ${own.version.text})`,
    async () => {
      await inFolder(async (folder) => {
        const ffmpeg = join(folder, "ffmpeg"), log = join(folder, "log"), codec = imagesMedia(own);
        const script = `#!/bin/sh\necho "$*" >> "${log}"\nexec "${own.ffmpeg}" "$@"\n`;
        await Deno.writeTextFile(ffmpeg, script, { mode: 0o755 });
        const logging = imagesMedia({ ...own, ffmpeg });
        const decoders = async () =>
          (await Deno.readTextFile(log)).split("\n").filter((line) => /nut pipe:1$/.test(line));
        for (const [ending, depth] of [["png", 16], ["jpg", 8]] as const) {
          const made = Array.from({ length: 9 }, (_, i) => noise(13, 7, { depth }, i + 1));
          await write(codec, join(folder, ending, `%d.${ending}`), made);
          await Deno.writeTextFile(log, "");
          const { frames } = await read(logging, join(folder, ending));
          assert.equal((await decoders()).length, 2, (await decoders()).join("\n"));
          for (const i of [0, 7]) {
            const place = join(folder, `${ending}-${i}`), name = `${i + 1}.${ending}`;
            await Deno.mkdir(place);
            await Deno.copyFile(join(folder, ending, name), join(place, name));
            const alone = await read(codec, place);
            assert.deepEqual(frames[i]!.image.planes, alone.frames[0]!.image.planes, `${ending} ${i}`);
          }
        }
      });
    },
  );
}
