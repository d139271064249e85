import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { ffmpeg, interpolate, list, withFolder } from "./_tools.ts";

async function clip(file: string, frames = 4): Promise<string> {
  const source = ["-f", "lavfi", "-i", "testsrc2=s=48x32:r=10", "-frames:v", `${frames}`];
  await ffmpeg(...source, "-pix_fmt", "yuv420p", file);
  return file;
}

Deno.test("interpolate --out converts several videos, continues after a failure, prints a summary and exits with 1", async () => {
  await withFolder(async (_, at) => {
    await Deno.mkdir(at("videos"));
    await clip(at("videos/a.mp4"));
    await clip(at("videos/b.avi"));
    await Deno.writeTextFile(at("videos/broken.mov"), "this is no video");
    await clip(at("last.mkv"));
    const planned = await interpolate([at("videos/a.mp4"), "--out", at("new"), "--plan"]);
    equal([planned.code, (await list(at("."))).includes("new")], [0, false], planned.err);

    const args = [at("videos"), at("missing.mp4"), at("last.mkv"), "--out", at("out/new"), "--json"];
    const { code, out, err } = await interpolate(args);
    equal(code, 1, err);
    equal(await list(at("out/new")), ["a.mp4", "b.mkv", "last.mkv"]);
    const results = out.trim().split("\n").map((line) => JSON.parse(line)).filter(({ type }) => type === "result");
    equal(results.map(({ state }) => state), ["done", "done", "failed", "failed", "done"]);
    match(results[2].message, /broken\.mov: cannot read the file/);
    match(results[3].message, /missing\.mp4: there is no such file/);
    match(err, /broken\.mov +failed .*\n.*missing\.mp4 +failed .*\n.*last\.mkv +done +8 /);
    match(err, /slomo: 2 of 5 videos failed\n$/);

    const again = await interpolate([at("videos/a.mp4"), at("last.mkv"), "--out", at("out/new")]);
    equal(again.code, 2, again.err);
    match(again.err, /a\.mp4 exists; set --overwrite .*--resume/);
    await Deno.remove(at("out/new/last.mkv"));
    const rest = await interpolate([at("videos/a.mp4"), at("last.mkv"), "--out", at("out/new"), "--resume"]);
    equal(rest.code, 0, rest.err);
    match(rest.err, /a\.mp4 +skipped/);
    match(rest.err, /last\.mkv +done +8/);
  });
});

Deno.test("interpolate --out rejects duplicate output names and outputs that would replace an input, before it starts", async () => {
  await withFolder(async (folder, at) => {
    await Deno.mkdir(at("x"));
    await clip(at("a.mp4"));
    await clip(at("x/a.mp4"));
    const cases: [string[], RegExp][] = [
      [[at("a.mp4"), at("x/a.mp4"), "--out", at("out")], /would both become/],
      [[at("x/a.mp4"), at("a.mp4"), "--out", at("x"), "--overwrite"], /would replace the input/],
      [["--out", at("out")], /at least one IN/],
      [[at("a.mp4"), "--out", at("x/a.mp4")], /is a file/],
      [[at("a.mp4"), "--out", at("x/a.mp4/out")], /cannot create the folder .*x\/a\.mp4\/out: Not a directory/],
      [[at("a.mp4"), at("flow.mp4"), "--flow-out", at("x/a.mp4")], /cannot create the folder .*x\/a\.mp4/],
      [[at("a.mp4"), "--out", at("out"), "--backend", "abacus"], /abacus/],
    ];
    for (const [args, message] of cases) {
      const { code, err } = await interpolate(args);
      equal(code, 2, err);
      match(err, message);
      ok(!/\n\s+at /.test(err));
    }
    equal((await list(folder)).filter((name) => name !== "out"), ["a.mp4", "x"]);
    equal(await list(at("x")), ["a.mp4"]);
  });
});
