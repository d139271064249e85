/** The first start, which downloads packages from the npm registry. */
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { join } from "@std/path";
import { ffmpeg, inRepo, withFolder } from "../_tools.ts";
import { ON_WINDOWS, testUnless } from "../_unless.ts";

/** Most bytes that the packages of `interpolate` may have. */
const LIMIT = 400e6;

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    bytes += isDirectory ? await sizeOf(path) : (await Deno.lstat(path)).size;
  }
  return bytes;
}

testUnless(
  ON_WINDOWS,
  "the first start says in one line that it downloads, and fetches only what it needs",
  async () => {
    await withFolder(async (_, at) => {
      await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=128x96:r=25:d=0.08", "-pix_fmt", "yuv420p", at("in.mp4"));
      const lock = await Deno.readTextFile(inRepo("deno.lock"));
      const start = async (output: string) => {
        const { code, stderr } = await new Deno.Command("sh", {
          args: [inRepo("run.sh"), "interpolate", at("in.mp4"), at(output)],
          env: { DENO_DIR: at("deno"), NO_COLOR: "1" },
        }).output();
        const text = new TextDecoder().decode(stderr).trim();
        equal(code, 0, text);
        // How often progress is shown depends on the time.
        return text.split("\n").filter((line) => !/^\d+\/\d+ frames/.test(line));
      };
      const [first, ...others] = await start("first.mp4");
      equal(first, "slomo: downloading the packages that interpolate needs; this happens once");
      equal(await start("second.mp4"), others.map((line) => line.replaceAll("first.mp4", "second.mp4")));
      ok(others.every((line) => !/download|warning/i.test(line)), others.join("\n"));
      ok(await sizeOf(at("deno")) < LIMIT, `${await sizeOf(at("deno"))} bytes`);
      equal(await Deno.readTextFile(inRepo("deno.lock")), lock);
    });
  },
);
