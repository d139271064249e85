/** Published packages outside a clone of the repository. */
import { deepStrictEqual as equal, match } from "node:assert/strict";
import { join } from "@std/path";
import { copyPublished } from "./_outside_clone.ts";
import { ffmpeg, inRepo } from "./_tools.ts";

const PROGRAM = `
import { openSlomo } from "@slomo/slomo";

const square = (value: number) => new ImageData(new Uint8ClampedArray(4 * 64 * 64).fill(value), 64, 64);
await using slomo = await openSlomo({ manifest: "plugin.json", backend: "wasm", workers: 1 });
const frames = await Array.fromAsync(slomo.frames([square(100), square(110)], { cuts: false }));
console.log(frames.filter(({ isInterpolated }) => isInterpolated).map(({ t }) => t).join(" "));
`;

Deno.test("published packages work outside a clone: library, model download, plugin and command line", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "slomo-outside-" }), cache = join(folder, "cache");
  const models = new URL("../models/", import.meta.url).href;
  async function run(args: readonly string[], env: Record<string, string> = {}) {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", ...args],
      cwd: folder,
      env: { NO_COLOR: "1", SLOMO_CACHE: cache, ...env },
      stdin: "null",
    }).output();
    return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
  }
  try {
    await copyPublished(folder);
    const clip = ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=24:d=0.5", "-c:v", "libx264", "-pix_fmt", "yuv420p"];
    await ffmpeg(...clip, join(folder, "clip.mp4"));

    await t.step("the example of the README, with the model downloaded once and verified", async () => {
      await Deno.copyFile(inRepo("examples/library.ts"), join(folder, "main.ts"));
      const without = await run(["main.ts", "clip.mp4"]);
      equal(without.code, 1);
      const message =
        /UsageError: weights: cannot open slomo-ifnet\.safetensors: it is not on this machine; set `modelsUrl`, or SLOMO_MODELS_URL in the environment, to the URL of a folder that has the file\n/;
      match(without.err, message);
      const task = await run(["jsr:@slomo/cli@^0.1.0", "interpolate", "clip.mp4", "slow.mp4"]);
      equal([task.code, task.err.trim().split("\n").at(-1)], [
        2,
        "slomo: weights: cannot open slomo-ifnet.safetensors: it is not on this machine; set --models-url, or " +
        "SLOMO_MODELS_URL in the environment, to the URL of a folder that has the file",
      ]);
      for (const url of [models, "file:///nowhere/"]) {
        const { code, out, err } = await run(["main.ts", "clip.mp4"], { SLOMO_MODELS_URL: url });
        equal(code, 0, err);
        equal(out.trim().split("\n").length, 12);
      }
      const [name, ...more] = [...Deno.readDirSync(join(cache, "models"))].map(({ name }) => name);
      equal([more, name?.endsWith("slomo-ifnet.safetensors")], [[], true]);
    });

    await t.step("a plugin", async () => {
      const use = {
        flowEstimator: { name: "classic" },
        interpolator: { name: "consistency" },
        warp: { name: "backward" },
        codec: { name: "ffmpeg" },
      };
      const plugins = ["@slomo-examples/classic-flow", "@slomo/flow-backbones", "@slomo/codecs"].map((name) =>
        `jsr:${name}@^0.1.0`
      );
      await Deno.writeTextFile(join(folder, "plugin.json"), JSON.stringify({ plugins, use }));
      await Deno.writeTextFile(join(folder, "plugin.ts"), PROGRAM);
      const { code, out, err } = await run(["plugin.ts"]);
      equal([code, out.trim()], [0, "0.5"], err);
    });

    await t.step("the command line", async () => {
      const cli = ["jsr:@slomo/cli@^0.1.0", "interpolate", "clip.mp4", "slow.mp4", "--factor", "2", "--end", "0.2"];
      const { code, err } = await run(cli);
      equal(code, 0, err);
      equal((await Deno.stat(join(folder, "slow.mp4"))).size > 1000, true);
      equal((await run(cli)).code, 2);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
