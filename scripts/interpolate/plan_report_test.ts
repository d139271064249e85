import { deepStrictEqual as equal, match } from "node:assert/strict";
import { ffmpeg, inRepo, interpolate, withFolder } from "../../tests/_tools.ts";

const clip = inRepo("examples/clip.mp4");

Deno.test("--plan shows the duration of a part, at a constant and at a variable rate", async () => {
  await withFolder(async (_, at) => {
    const source = "testsrc2=s=64x36:r=10:d=3,select='not(eq(mod(n,3),1))'";
    await ffmpeg("-f", "lavfi", "-i", source, "-fps_mode", "vfr", "-c:v", "mpeg4", at("variable.mp4"));
    const part = ["--factor", "4", "--slow-motion", "--start", "0.25", "--end", "0.75", "--plan"];
    for (const input of [clip, at("variable.mp4")]) {
      const text = await interpolate([input, at("out.mkv"), ...part]);
      match(text.out, /^output {3}.*: \d+ frames, 2 s, /m, text.err);
      const json = await interpolate([input, at("out.mkv"), ...part, "--json"]);
      equal(JSON.parse(json.out).output.seconds, 2);
    }
  });
});
