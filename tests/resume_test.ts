/** A resumed run writes the same bytes as an uninterrupted one. */
import { deepStrictEqual as equal, match } from "node:assert/strict";
import {
  type Ended,
  ffmpeg,
  inRepo,
  interpolate,
  list,
  NO_WORKERS,
  programs,
  SmallDisk,
  whyNoSmallDisk,
  withFolder,
} from "./_tools.ts";
import { testCases } from "./_more.ts";
import { random } from "./_random.ts";
import { ON_WINDOWS, testUnless } from "./_unless.ts";

/** Frames are only blended, and a segment is 12 frames. */
const SEGMENTS = inRepo("tests/fixtures/segments.json");

const run = (...args: string[]) => interpolate([...args, "--manifest", SEGMENTS]);

/** Number of source frames, of 40, that a blocked run receives. */
const HELD_AT = 38;

/** Runs in a separate process, and kills it when it has written `done` frames. */
async function kill(at: (name: string) => string, args: readonly string[], done: number): Promise<void> {
  // The decoder returns a part of the source and then waits for a line, so that the run cannot end before it is killed.
  const decoder = at("ffmpeg"), gate = at("gate"), { ffmpeg } = await programs();
  const bytes = HELD_AT * (64 * 36 * 3 / 2 + 40);
  const blocked = `"${ffmpeg}" "$@" | { head -c ${bytes}; read _ < "${gate}"; cat; }`;
  const script = `#!/bin/sh\ncase "$*" in *"-f nut pipe:1") ${blocked};; *) exec "${ffmpeg}" "$@";; esac\n`;
  await Deno.writeTextFile(decoder, script, { mode: 0o755 });
  await new Deno.Command("mkfifo", { args: [gate] }).output();
  const all = ["run", "-A", inRepo("scripts/interpolate.ts"), "--backend", "cpu", ...NO_WORKERS, "--ffmpeg", decoder];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...all, "--manifest", SEGMENTS, "--json", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const err = new Response(child.stderr).text();
  let rest = "", isKilled = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    if (isKilled || !lines.some((line) => JSON.parse(line).type === "frame" && JSON.parse(line).done >= done)) continue;
    child.kill("SIGKILL");
    isKilled = true;
  }
  equal((await child.status).code, 137, await err);
  await Deno.writeTextFile(gate, "\n");
  for (const path of [decoder, gate]) await Deno.remove(path);
}

/** Runs until 30 frames are written, and stops as Ctrl-C does. */
async function interrupt(...args: string[]): Promise<Ended> {
  const controller = new AbortController();
  let frames = 0;
  const onLine = (line: string) => {
    if (JSON.parse(line).type === "frame" && ++frames === 30) controller.abort();
  };
  return await interpolate([...args, "--manifest", SEGMENTS, "--json"], { signal: controller.signal, onLine });
}

async function video(file: string, frames = 40): Promise<string> {
  const source = ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=24000/1001", "-f", "lavfi", "-i", "sine=f=440:d=2"];
  await ffmpeg(...source, "-frames:v", `${frames}`, "-shortest", "-pix_fmt", "yuv420p", "-c:a", "aac", file);
  return file;
}

/** Returns the bytes of a file, or of all files of a folder. */
async function bytesOf(path: string): Promise<Record<string, string>> {
  const names = (await Deno.stat(path)).isDirectory ? (await list(path)).map((name) => `/${name}`) : [""];
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await Deno.readFile(path + name)).toBase64()])),
  );
}

const RESUMES = "interpolate --resume writes an identical file or folder after kills at random points";
type Kills = readonly [output: string, seed: number, starts: readonly number[], ...args: readonly string[]];
/** A kill per third of the video. */
const THIRDS = [1, 14, 27];
const FEW: Kills[] = [["o.mp4", 1, [14]], ["images", 3, [14]]];
const MORE: Kills[] = [["o.mp4", 1, THIRDS], ["o.mkv", 2, THIRDS, "--fps", "60"], ["images", 3, THIRDS]];

testCases(RESUMES, FEW, MORE, async (t, cases) => {
  for (const [output, seed, starts, ...extra] of cases) {
    await t.step(output, async () => {
      await withFolder(async (folder, at) => {
        const input = await video(at("in.mp4")), next = random(seed);
        const { code, err } = await run(input, at(`whole-${output}`), ...extra);
        equal(code, 0, err);
        for (const from of starts) {
          await kill(at, [input, at(output), "--resume", ...extra], from + Math.floor(next() * 13));
          equal((await list(folder)).includes(output), false);
        }
        const last = await run(input, at(output), "--resume", ...extra);
        equal(last.code, 0, last.err);
        equal(await bytesOf(at(output)), await bytesOf(at(`whole-${output}`)));
        equal(await list(folder), ["in.mp4", output, `whole-${output}`].sort());
      });
    });
  }
}, ON_WINDOWS);

Deno.test(
  "interpolate keeps finished segments on Ctrl-C; a new start warns that it replaces them",
  async () => {
    await withFolder(async (folder, at) => {
      const input = await video(at("in.mp4"));
      equal((await run(input, at("whole.mp4"))).code, 0);
      const { code, err } = await interrupt(input, at("o.mp4"));
      equal(code, 130);
      match(err, /the (12|24) frames finished so far are kept in .*; set --resume/);
      const afresh = await interrupt(input, at("o.mp4"));
      match(afresh.err, /warning: the \d+ frames that an interrupted run has finished will be deleted .* --resume/);
      const resumed = await run(input, at("o.mp4"), "--resume");
      match(resumed.err, /continuing after the \d+ frames/);
      equal(await bytesOf(at("o.mp4")), await bytesOf(at("whole.mp4")));
      equal(await list(folder), ["in.mp4", "o.mp4", "whole.mp4"]);
    });
  },
);

Deno.test(
  "interpolate --resume starts over and names the change if a setting, the encoder or the input changed",
  async () => {
    await withFolder(async (_, at) => {
      const input = await video(at("in.mp4"), 24);
      const cases: [string, string[], RegExp, () => Promise<unknown>][] = [
        ["factor", ["--factor", "3"], /--factor, --fps, --slow or --retime/, () => Promise.resolve()],
        ["crf", ["--crf", "30"], /encoding/, () => Promise.resolve()],
        ["input", [], /the input/, () => video(input, 25)],
      ];
      for (const [name, args, changed, change] of cases) {
        equal((await interrupt(input, at(`${name}.mp4`))).code, 130);
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
);

testUnless(await whyNoSmallDisk(), "interpolate --resume continues when a full disk has space again", async () => {
  await withFolder(async (_, at) => {
    const input = await video(at("in.mp4")), codec = ["--codec", "ffv1"];
    equal((await run(input, at("whole.mkv"), ...codec)).code, 0);
    await using disk = await SmallDisk.mount(at("disk"), "100k");
    const full = await run(input, at("disk/o.mkv"), ...codec);
    equal(full.code, 1);
    match(full.err, /finished so far are kept[\s\S]*No space left/);
    await disk.resize("10m");
    const { code, err } = await run(input, at("disk/o.mkv"), "--resume", ...codec);
    equal(code, 0, err);
    match(err, /continuing after the \d+ frames/);
    equal(await bytesOf(at("disk/o.mkv")), await bytesOf(at("whole.mkv")));
    equal(await list(at("disk")), ["o.mkv"]);
  });
});
