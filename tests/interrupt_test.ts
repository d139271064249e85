import { downloadedProgram } from "@slomo/downloads";
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { BLEND, ffmpeg, inRepo, list, withFolder } from "./_tools.ts";
import { ON_WINDOWS, testUnless } from "./_unless.ts";

/** Whether a process on this machine has `text` in its command line. */
async function isRunning(text: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "args"] }).output();
  return new TextDecoder().decode(stdout).split("\n").some((line) => line.includes(text) && line.includes("ffmpeg"));
}

/** Makes a video of 3,000 frames, and starts to interpolate it; returns the process after 50 of them. */
async function startInterpolate(video: string, args: readonly string[]): Promise<Deno.ChildProcess> {
  const source = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=50:d=60"];
  await ffmpeg(...source, "-c:v", "libx264", "-preset", "ultrafast", video);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", inRepo("scripts/interpolate.ts"), video, ...args, "--manifest", BLEND, "--json"],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  let seen = "";
  for await (const text of lines) {
    seen += text;
    if (/"done":5\d/.test(seen)) break;
  }
  return child;
}

for (
  const { what, signal, isGroup } of [
    { what: "SIGINT", signal: "SIGINT", isGroup: false },
    { what: "SIGINT that its children get too, as from a terminal", signal: "SIGINT", isGroup: true },
    { what: "SIGTERM that its children get too, as from a service manager", signal: "SIGTERM", isGroup: true },
  ] as const
) {
  testUnless(ON_WINDOWS, `interpolate stops without children and output on ${what}`, async () => {
    await withFolder(async (folder, at) => {
      const child = await startInterpolate(at("video.mp4"), [at("out.mp4")]);
      ok(await isRunning(folder));
      Deno.kill(isGroup ? -child.pid : child.pid, signal);
      const stderr = await new Response(child.stderr).text();
      equal((await child.status).code, signal === "SIGINT" ? 130 : 143);
      match(stderr, /^computing on .*\nslomo: stopped\n$/);
      equal(await isRunning(folder), false);
      equal(await list(folder), ["video.mp4"]);
    });
  });
}

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
