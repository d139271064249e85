import assert from "node:assert/strict";
import { basename, dirname, isAbsolute, join } from "@std/path";
import { evalIn, withScratch } from "../_testing.ts";
import { ffmpegLocator, locateFfmpeg } from "./locate.ts";
import { ON_WINDOWS, testUnless } from "../../../tests/_unless.ts";

const real = await locateFfmpeg();
const offline = () => Promise.reject(new Error("PyPI cannot be reached"));
const only = (variables: Record<string, string>) => (name: string) => variables[name];

Deno.test("locateFfmpeg() prefers the option to the variable to the PATH, and accepts files and folders", async () => {
  const env = only({ SLOMO_FFMPEG: real.ffmpeg, PATH: dirname(real.ffmpeg) });
  assert.equal((await locateFfmpeg({ option: dirname(real.ffmpeg), env, download: offline })).origin, "option");
  assert.equal((await locateFfmpeg({ env, download: offline })).origin, "$SLOMO_FFMPEG");
  const found = await locateFfmpeg({ env: only({ PATH: dirname(real.ffmpeg) }), download: offline });
  assert.deepEqual([found.origin, found.ffmpeg, basename(found.ffprobe, ".exe")], ["PATH", real.ffmpeg, "ffprobe"]);
});

testUnless(
  ON_WINDOWS,
  "locateFfmpeg() searches for a bare name in the current folder, not in the PATH",
  async () => {
    await withScratch(async ({ folder, path }) => {
      await Deno.symlink(real.ffmpeg, path("my-ffmpeg"));
      const ffmpeg = await evalIn(
        folder,
        `import { locateFfmpeg } from ${JSON.stringify(import.meta.resolve("./locate.ts"))};
        const download = () => Promise.resolve(${JSON.stringify(real)});
        console.log((await locateFfmpeg({ option: "my-ffmpeg", download })).ffmpeg);`,
      );
      assert.deepEqual([basename(ffmpeg), isAbsolute(ffmpeg)], ["my-ffmpeg", true]);
    });
  },
);

Deno.test("locateFfmpeg() downloads only the programs that are not in the PATH", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const asked: string[] = [];
    const download = (programs: readonly string[]) => Promise.resolve((asked.push(programs.join()), real));
    const locate = async (...names: readonly ("ffmpeg" | "ffprobe")[]) => {
      const path = await Deno.makeTempDir({ dir: folder });
      for (const name of names) await Deno.symlink(real[name], join(path, basename(real[name])));
      return (await locateFfmpeg({ env: only({ PATH: path }), download })).origin;
    };
    assert.deepEqual([await locate("ffmpeg", "ffprobe"), asked], ["PATH", []]);
    assert.deepEqual([await locate("ffmpeg"), asked], ["PATH", ["ffprobe"]]);
    assert.deepEqual([await locate("ffprobe"), asked], ["download", ["ffprobe", "ffmpeg"]]);
    assert.deepEqual([await locate(), asked], ["download", ["ffprobe", "ffmpeg", "ffmpeg,ffprobe"]]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("locateFfmpeg() rejects with the reason of a signal that aborts a download", async () => {
  const stop = new AbortController();
  const download = () => {
    stop.abort();
    return Promise.reject(stop.signal.reason);
  };
  await assert.rejects(locateFfmpeg({ env: only({}), download, signal: stop.signal }), { name: "AbortError" });
});

Deno.test("ffmpegLocator() locates once, and again for callers that waited for an aborted download", async () => {
  const first = new AbortController(), asked = Promise.withResolvers<void>();
  let downloads = 0;
  const download = (): Promise<typeof real> => {
    if (++downloads > 1) return Promise.resolve(real);
    asked.resolve();
    return new Promise((_, reject) => first.signal.addEventListener("abort", () => reject(first.signal.reason)));
  };
  const locate = ffmpegLocator({ env: only({}), download }), stopped = locate(first.signal), waiting = locate();
  await asked.promise;
  first.abort();
  await assert.rejects(stopped, { name: "AbortError" });
  assert.equal((await waiting).ffmpeg, real.ffmpeg);
  assert.equal((await locate()).ffmpeg, real.ffmpeg);
  assert.equal(downloads, 2);
});

Deno.test("locateFfmpeg() reports the places it searched and what to do", async () => {
  await assert.rejects(locateFfmpeg({ env: only({}), download: offline }), {
    name: "UsageError",
    message:
      /^ffmpeg: cannot find ffmpeg and ffprobe: there is no ffmpeg in the PATH; .*; downloading failed: PyPI cannot be reached; install ffmpeg .*`ffmpeg`/,
  });
  await assert.rejects(locateFfmpeg({ option: "/nowhere/ffmpeg", download: offline }), {
    name: "UsageError",
    message: "`ffmpeg` must be the path of ffmpeg or of its folder; there is no file /nowhere/ffmpeg",
  });
});

Deno.test(
  { name: "locateFfmpeg() reports why a given ffmpeg does not run", ignore: Deno.build.os === "windows" },
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const fake = join(folder, "ffmpeg");
      await Deno.writeTextFile(fake, "#!/bin/sh\nkill -SEGV $$\n", { mode: 0o755 });
      await assert.rejects(locateFfmpeg({ option: fake, download: offline }), {
        message: `\`ffmpeg\` is the path of an ffmpeg that does not run: ${fake} was killed by signal SIGSEGV`,
      });
      await Deno.writeTextFile(fake, "#!/bin/sh\necho hello\n");
      await assert.rejects(locateFfmpeg({ option: fake, download: offline }), { message: /is not an ffmpeg/ });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
