/** An interrupted run that goes on makes the same bytes as one that was left alone. */
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { ffmpeg, inRepo, interpolate, list, withFolder } from "./_tools.ts";

/** Frames are only blended, and a segment is 6 frames. */
const SEGMENTS = inRepo("tests/fixtures/segments.json");
const windows = Deno.build.os === "windows";

const run = (...args: string[]) => interpolate([...args, "--manifest", SEGMENTS]);

/** Numbers in [0, 1) that are the same for the same seed. */
function random(seed: number): () => number {
  return () => {
    seed = (seed * 1664525 + 1013904223) % 2 ** 32;
    return seed / 2 ** 32;
  };
}

/** Starts a run, ends it by a signal `wait` milliseconds after `frames` frames, and returns its exit code and output. */
async function interrupt(
  args: readonly string[],
  { frames, wait, signal }: { readonly frames: number; readonly wait: number; readonly signal: Deno.Signal },
): Promise<{ readonly code: number; readonly err: string }> {
  const all = ["run", "-A", inRepo("scripts/interpolate.ts"), "--backend", "cpu", "--manifest", SEGMENTS, "--json"];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...all, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  })
    .spawn();
  const err = new Response(child.stderr).text();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  let seen = 0, isSent = false;
  for await (const text of lines) {
    seen += [...text.matchAll(/"type":"frame"/g)].length;
    if (seen < frames || isSent) continue;
    isSent = true;
    setTimeout(() => {
      try {
        child.kill(signal);
      } catch {
        // It has ended by itself.
      }
    }, wait);
  }
  return { code: (await child.status).code, err: await err };
}

async function video(file: string, frames = 40): Promise<string> {
  const source = ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=24000/1001", "-f", "lavfi", "-i", "sine=f=440:d=2"];
  await ffmpeg(...source, "-frames:v", `${frames}`, "-shortest", "-pix_fmt", "yuv420p", "-c:a", "aac", file);
  return file;
}

/** The bytes of a file, or of all files of a folder. */
async function bytesOf(path: string): Promise<Record<string, string>> {
  const names = (await Deno.stat(path)).isDirectory ? (await list(path)).map((name) => `/${name}`) : [""];
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await Deno.readFile(path + name)).toBase64()])),
  );
}

for (const [output, seed, extra] of [["o.mp4", 1, []], ["o.mkv", 2, ["--fps", "60"]], ["images", 3, []]] as const) {
  Deno.test({
    name: `interpolate --resume writes an identical ${output} after kills at random points`,
    ignore: windows,
    async fn() {
      await withFolder(async (folder, at) => {
        const input = await video(at("in.mp4")), next = random(seed);
        const { code, err } = await run(input, at(`whole-${output}`), ...extra);
        equal(code, 0, err);
        let kills = 0;
        for (let attempt = 0;; attempt++) {
          ok(attempt <= 4, "the job never came to its end");
          const isLast = attempt >= 4;
          const point = { frames: isLast ? 1e9 : 1 + Math.floor(next() * 30), wait: Math.floor(next() * 40) };
          const ended = await interrupt([input, at(output), "--resume", ...extra], { ...point, signal: "SIGKILL" });
          if (ended.code === 0) break;
          equal(ended.code, 137, ended.err);
          equal((await list(folder)).includes(output), false);
          kills++;
        }
        ok(kills >= 2, `${kills} kills`);
        equal(await bytesOf(at(output)), await bytesOf(at(`whole-${output}`)));
        equal(await list(folder), ["in.mp4", output, `whole-${output}`].sort());
      });
    },
  });
}

Deno.test({
  name: "interpolate keeps finished segments on Ctrl-C; a new start warns that it replaces them",
  ignore: windows,
  async fn() {
    await withFolder(async (folder, at) => {
      const input = await video(at("in.mp4")), point = { frames: 30, wait: 0, signal: "SIGINT" } as const;
      equal((await run(input, at("whole.mp4"))).code, 0);
      const { code, err } = await interrupt([input, at("o.mp4")], point);
      equal(code, 130);
      match(err, /the (12|18|24|30) frames finished so far are kept in .*; set --resume/);
      const afresh = await interrupt([input, at("o.mp4")], point);
      match(afresh.err, /warning: the \d+ frames that an interrupted run has finished will be deleted .* --resume/);
      const resumed = await run(input, at("o.mp4"), "--resume");
      match(resumed.err, /continuing after the \d+ frames/);
      equal(await bytesOf(at("o.mp4")), await bytesOf(at("whole.mp4")));
      equal(await list(folder), ["in.mp4", "o.mp4", "whole.mp4"]);
    });
  },
});

Deno.test({
  name: "interpolate --resume starts over and names the change if a setting, the encoder or the input changed",
  ignore: windows,
  async fn() {
    await withFolder(async (_, at) => {
      const input = await video(at("in.mp4")), point = { frames: 30, wait: 0, signal: "SIGINT" } as const;
      const cases: [string, string[], RegExp, () => Promise<unknown>][] = [
        ["factor", ["--factor", "3"], /--factor or --fps/, () => Promise.resolve()],
        ["crf", ["--crf", "30"], /encoding/, () => Promise.resolve()],
        ["input", [], /the input/, () => video(input, 41)],
      ];
      for (const [name, args, changed, change] of cases) {
        equal((await interrupt([input, at(`${name}.mp4`)], point)).code, 130);
        await change();
        const { code, err } = await run(input, at(`${name}.mp4`), "--resume", ...args);
        equal(code, 0, err);
        match(
          err,
          new RegExp(`warning: the \\d+ frames .* are discarded, because these settings changed: .*${changed.source}`),
        );
        equal((await run(input, at(`fresh-${name}.mp4`), ...args)).code, 0);
        equal(await bytesOf(at(`${name}.mp4`)), await bytesOf(at(`fresh-${name}.mp4`)), name);
      }
    });
  },
});

Deno.test({
  name: "interpolate --resume continues when a full disk has space again",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  async fn() {
    await withFolder(async (folder, at) => {
      const input = await video(at("in.mp4")), codec = ["--codec", "ffv1"];
      equal((await run(input, at("whole.mkv"), ...codec)).code, 0);
      await Deno.mkdir(at("disk"));
      const mount = (options: string) =>
        new Deno.Command("mount", { args: ["-t", "tmpfs", "-o", options, "tmpfs", at("disk")] }).output();
      if (!(await mount("size=200k")).success) return console.error(`skipped: nothing can be mounted in ${folder}`);
      try {
        const full = await run(input, at("disk/o.mkv"), ...codec);
        equal(full.code, 1);
        match(full.err, /finished so far are kept[\s\S]*No space left/);
        equal((await mount("remount,size=10m")).success, true);
        const { code, err } = await run(input, at("disk/o.mkv"), "--resume", ...codec);
        equal(code, 0, err);
        match(err, /continuing after the \d+ frames/);
        equal(await bytesOf(at("disk/o.mkv")), await bytesOf(at("whole.mkv")));
        equal(await list(at("disk")), ["o.mkv"]);
      } finally {
        await new Deno.Command("umount", { args: [at("disk")] }).output();
      }
    });
  },
});
