import { downloadedProgram } from "@slomo/downloads";
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
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

const hasDownload = downloadedProgram("ffmpeg", (name) => Deno.env.get(name)) !== undefined;

testUnless(
  ON_WINDOWS ?? (hasDownload ? undefined : "no package has an ffmpeg for this system"),
  "interpolate stops on one Ctrl-C while it downloads ffmpeg",
  async () => {
    await withFolder(async (_, at) => {
      await Deno.writeTextFile(at("video.mp4"), "a video");
      const asked = Promise.withResolvers<void>(), stop = new AbortController();
      // A package index that never responds.
      const server = Deno.serve({ hostname: "127.0.0.1", port: 0, signal: stop.signal, onListen: () => {} }, () => {
        asked.resolve();
        return new Promise<Response>(() => {});
      });
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", inRepo("scripts/interpolate.ts"), at("video.mp4"), at("out.mp4"), "--manifest", BLEND],
        // Without a PATH there is no ffmpeg, and no Python with pip.
        env: {
          PATH: "",
          SLOMO_FFMPEG: "",
          SLOMO_CACHE: at("cache"),
          PIP_INDEX_URL: `http://127.0.0.1:${server.addr.port}/simple/`,
        },
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn();
      await asked.promise;
      child.kill("SIGINT");
      const { code, stderr } = await child.output();
      stop.abort();
      await server.finished;
      equal(code, 130);
      match(new TextDecoder().decode(stderr), /^slomo: downloading ffmpeg .*\nslomo: stopped\n$/);
    });
  },
);
