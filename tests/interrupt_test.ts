import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { BLEND, ffmpeg, inRepo, list, withFolder } from "./_tools.ts";
import { ON_WINDOWS, testUnless } from "./_unless.ts";

/** Whether a process on this machine has `text` in its command line. */
async function isRunning(text: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "args"] }).output();
  return new TextDecoder().decode(stdout).split("\n").some((line) => line.includes(text) && line.includes("ffmpeg"));
}

testUnless(
  ON_WINDOWS,
  "interpolate stops on Ctrl-C without child processes and without a file under the final name",
  async () => {
    await withFolder(async (folder, at) => {
      await ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=320x180:r=50:d=60",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        at("video.mp4"),
      );
      const child = new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "-A",
          inRepo("scripts/interpolate.ts"),
          at("video.mp4"),
          at("out.mp4"),
          "--manifest",
          BLEND,
          "--json",
        ],
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let seen = "";
      while (!/"done":5\d/.test(seen)) {
        const { value, done } = await reader.read();
        if (done) break;
        seen += value;
      }
      ok(await isRunning(folder));
      child.kill("SIGINT");
      await reader.cancel();
      equal((await child.status).code, 130);
      equal(await isRunning(folder), false);
      equal(await list(folder), ["video.mp4"]);
    });
  },
);
