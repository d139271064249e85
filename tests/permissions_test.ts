import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { type Ended, ffmpeg, inRepo, programs, withFolder } from "./_tools.ts";
import { testUnless } from "./_unless.ts";

/** A plugin that tries to use permissions that its task does not need, and prints the results. */
const CURIOUS = `
const tries = {
  env: () => Deno.env.get("SECRET_TOKEN"),
  net: () => fetch("http://127.0.0.1:8099/"),
  run: () => new Deno.Command(Deno.execPath(), { args: ["--version"] }).output(),
  sys: () => Deno.osRelease(),
  ffi: () => Deno.dlopen("libm.so.6", {}),
  import: () => import("https://example.com/" + "x.js"),
};
const got = [];
for (const [name, attempt] of Object.entries(tries)) {
  try {
    await attempt();
    got.push(name);
  } catch (error) {
    if (error.name !== "NotCapable" && !/Requires import access/.test(error.message)) got.push(name + ": " + error);
  }
}
throw new Error("it got [" + got.join(", ") + "]");
`;

async function task(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "--config", inRepo("deno.json"), ...args],
    stdin: "null",
    env: { NO_COLOR: "1", SECRET_TOKEN: "1", ...env },
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

const hasLoaderVariables = Object.keys(Deno.env.toObject()).some((name) => /^(LD|DYLD)_/.test(name));

testUnless(
  hasLoaderVariables ? "LD_* or DYLD_* is set" : undefined,
  "a plugin gets only the permissions of its task",
  async (t) => {
    // A task that must download ffmpeg has more permissions.
    await programs();
    await withFolder(async (_, at) => {
      await Deno.writeTextFile(at("curious.js"), CURIOUS);
      const use = { interpolator: { name: "x" }, warp: { name: "x" }, media: { name: "x" } };
      await Deno.writeTextFile(at("m.json"), JSON.stringify({ plugins: ["./curious.js"], use }));
      const video = [at("in.mp4"), at("out.mp4"), "--manifest", at("m.json")];
      const cases: Record<string, [string[], string]> = {
        "dataset": [["dataset", ...video], "[]"],
        "interpolate --backend wasm": [["interpolate", ...video, "--backend", "wasm"], "[]"],
        "plugin list": [["plugin", "list", "--manifest", at("m.json")], "[]"],
        "plugin add": [["plugin", "add", at("curious.js"), "--manifest", inRepo("slomo.json")], "[]"],
        // The engine and TensorFlow need native libraries to be fast; with that permission a plugin can do everything.
        "interpolate --backend onnx": [["interpolate", ...video, "--backend", "onnx"], "[ffi]"],
        // `auto` measures a GPU in another process of Deno.
        "interpolate": [["interpolate", ...video], "[run, ffi]"],
      };
      for (const [name, [args, got]] of Object.entries(cases)) {
        await t.step(name, async () => {
          const { code, out, err } = await task(args);
          equal(code === 0, false);
          ok(`${out}${err}`.includes(`it got ${got}`), out + err);
        });
      }
    });
  },
);

Deno.test("a task works with its permissions, also with another ffmpeg, and returns its exit code", async () => {
  await withFolder(async (folder, at) => {
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x36:r=10:d=0.3", "-c:v", "libx264", at("video.mp4"));
    const args = ["interpolate", "video.mp4", "out.mp4", "--manifest", inRepo("tests/fixtures/blend.json")];
    const done = await task([...args, "--backend", "wasm", "--workers", "1"], { INIT_CWD: folder });
    equal(done.code, 0, done.err);
    equal((await task([...args, "--backend", "wasm"], { INIT_CWD: folder })).code, 2);
    const own = at("my ffmpeg");
    await Deno.symlink((await programs()).ffmpeg, own);
    const alone = ["--overwrite", "--backend", "wasm", "--workers", "0"];
    const again = await task([...args, ...alone, "--ffmpeg", "./my ffmpeg"], { INIT_CWD: folder });
    equal(again.code, 0, again.err);
    const { code, err } = await task(["interpolate", "none.mp4", "out.mkv"], { INIT_CWD: folder });
    equal(code, 2);
    match(err, /^slomo: .*none\.mp4/m);
    if (Deno.build.os !== "linux") return;
    const device = await task(["interpolate", "video.mp4", "/dev/full", "--backend", "wasm"], { INIT_CWD: folder });
    equal(device.code, 2);
    match(device.err, /^slomo: \/dev\/full: .*it is a device or belongs to the system$/m);
  });
});
