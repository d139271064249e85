import assert from "node:assert/strict";
import { basename, dirname, isAbsolute, join } from "@std/path";
import { evalIn, withScratch } from "../testing/clips.ts";
import { locateFfmpeg } from "./locate.ts";
import { npmSpecifier } from "./npm_binaries.ts";

const real = await locateFfmpeg();
const noNpm = () => Promise.reject(new Error("the registry can't be reached"));
const only = (variables: Record<string, string>) => (name: string) => variables[name];

Deno.test("locateFfmpeg() takes the option before the variable before the PATH, file or folder", async () => {
  const env = only({ SLOMO_FFMPEG: real.ffmpeg, PATH: dirname(real.ffmpeg) });
  assert.equal((await locateFfmpeg({ option: dirname(real.ffmpeg), env, npm: noNpm })).origin, "--ffmpeg");
  assert.equal((await locateFfmpeg({ env, npm: noNpm })).origin, "$SLOMO_FFMPEG");
  const found = await locateFfmpeg({ env: only({ PATH: dirname(real.ffmpeg) }), npm: noNpm });
  assert.deepEqual([found.origin, found.ffmpeg, basename(found.ffprobe, ".exe")], ["PATH", real.ffmpeg, "ffprobe"]);
});

Deno.test({
  name: "locateFfmpeg() takes a bare name for a file of the folder that the user is in, not of the PATH",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withScratch(async ({ folder, path }) => {
      await Deno.symlink(real.ffmpeg, path("my-ffmpeg"));
      const ffmpeg = await evalIn(
        folder,
        `import { locateFfmpeg } from ${JSON.stringify(import.meta.resolve("./locate.ts"))};
        const npm = () => Promise.reject(new Error("the registry can't be reached"));
        console.log((await locateFfmpeg({ option: "my-ffmpeg", npm })).ffmpeg);`,
      );
      assert.deepEqual([basename(ffmpeg), isAbsolute(ffmpeg)], ["my-ffmpeg", true]);
    });
  },
});

Deno.test("locateFfmpeg() asks for the npm packages only when the PATH has nothing", async () => {
  const asked: string[] = [];
  const npm = (program: "ffmpeg" | "ffprobe") => Promise.resolve((asked.push(program), real[program]));
  assert.equal((await locateFfmpeg({ env: only({ PATH: dirname(real.ffmpeg) }), npm })).origin, "PATH");
  assert.deepEqual(asked, []);
  assert.equal((await locateFfmpeg({ env: only({ PATH: "" }), npm })).origin, "npm");
  assert.equal(asked[0], "ffmpeg");
});

Deno.test("locateFfmpeg() says what it tried and what to do when there is none", async () => {
  await assert.rejects(locateFfmpeg({ env: only({}), npm: noNpm }), {
    name: "UsageError",
    message:
      /no ffmpeg in the PATH; the npm package of ffmpeg: the registry can't be reached; install ffmpeg .*--ffmpeg/,
  });
  await assert.rejects(locateFfmpeg({ option: "/nowhere/ffmpeg", npm: noNpm }), {
    name: "UsageError",
    message: "--ffmpeg must name ffmpeg or its folder; there is no file /nowhere/ffmpeg",
  });
});

Deno.test(
  { name: "locateFfmpeg() says why a named ffmpeg does not run", ignore: Deno.build.os === "windows" },
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const fake = join(folder, "ffmpeg");
      await Deno.writeTextFile(fake, "#!/bin/sh\nkill -SEGV $$\n", { mode: 0o755 });
      await assert.rejects(locateFfmpeg({ option: fake, npm: noNpm }), {
        message: `--ffmpeg names an ffmpeg that does not run: ${fake} was ended by signal SIGSEGV`,
      });
      await Deno.writeTextFile(fake, "#!/bin/sh\necho hello\n");
      await assert.rejects(locateFfmpeg({ option: fake, npm: noNpm }), { message: /is not an ffmpeg/ });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("npmSpecifier() names the package of each system", () => {
  assert.equal(npmSpecifier("ffmpeg", { os: "linux", arch: "x86_64" }), "npm:@ffmpeg-installer/linux-x64@4.1.0");
  assert.equal(npmSpecifier("ffprobe", { os: "windows", arch: "x86_64" }), "npm:@ffprobe-installer/win32-x64@5.1.0");
  assert.equal(npmSpecifier("ffmpeg", { os: "windows", arch: "aarch64" }), undefined);
});
