import { type ClipIndex, parseClipIndex } from "@slomo/training/data";
import { fromFileUrl, join } from "@std/path";
import { encode } from "fast-png";
import { task, withFolder as withOneFolder } from "../../tests/_tools.ts";
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";

const SCRIPT = fromFileUrl(new URL("../dataset.ts", import.meta.url));
const WIDTH = 64, HEIGHT = 48;

const withFolder = (test: (at: (...names: string[]) => string) => Promise<void>): Promise<void> =>
  withOneFolder((folder) => test((...names) => join(folder, ...names)));

const dataset = (...args: string[]) => task("dataset", args);

/** Draws a frame: a texture that depends on `kind` and moves by two pixels per frame. */
function drawFrame(kind: number, frame: number, width = WIDTH): Uint8Array {
  const data = new Uint8Array(width * HEIGHT * 3);
  for (let y = 0, i = 0; y < HEIGHT; y++) {
    for (let x = 0; x < width; x++) {
      const u = x + 2 * frame, wave = Math.sin(u / (3 + kind)) + Math.cos((y + kind * u / 5) / (4 - kind / 3));
      for (let c = 0; c < 3; c++, i++) data[i] = 120 + 50 * wave + 10 * c * (kind - 1);
    }
  }
  return encode({ width, height: HEIGHT, data, channels: 3, depth: 8 });
}

async function writeFrames(folder: string, kinds: readonly number[], from = 0): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [i, kind] of kinds.entries()) {
    await Deno.writeFile(join(folder, `${String(from + i).padStart(3, "0")}.png`), drawFrame(kind, i));
  }
}

const times = (kind: number, count: number) => Array<number>(count).fill(kind);

/** Six folders: a good one, one too short, one with a truncated image, one with two sizes, one with a scene cut, and an empty one. */
async function makeFolders(at: (...names: string[]) => string): Promise<void> {
  await writeFrames(at("in", "good"), times(0, 12));
  await writeFrames(at("in", "short"), times(1, 5));
  await writeFrames(at("in", "truncated"), times(2, 12));
  await Deno.truncate(at("in", "truncated", "010.png"), 500);
  await writeFrames(at("in", "two-sizes"), times(3, 12));
  await Deno.writeFile(at("in", "two-sizes", "007.png"), drawFrame(3, 7, WIDTH + 8));
  await writeFrames(at("in", "cut"), [...times(4, 10), ...times(1, 11)]);
  await Deno.mkdir(at("in", "empty"));
  await Deno.writeTextFile(at("in", ".DS_Store"), "x");
  await Deno.writeTextFile(at("in", "good", ".DS_Store"), "x");
}

async function readIndex(folder: string): Promise<ClipIndex> {
  return parseClipIndex(await Deno.readTextFile(join(folder, "index.json")), "index.json");
}

/** Returns the index and the hashes of the clips of a data set; records of videos contain times and are excluded. */
async function contents(folder: string): Promise<Map<string, string>> {
  const files = new Map([["index.json", await Deno.readTextFile(join(folder, "index.json"))]]);
  for await (const { name } of Deno.readDir(join(folder, "clips"))) {
    if (!name.endsWith(".rgb")) continue;
    const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(join(folder, "clips", name)));
    files.set(name, new Uint8Array(digest).toHex());
  }
  return new Map([...files].sort());
}

Deno.test("dataset uses the valid frames of a folder and reports the reason for all others", async () => {
  await withFolder(async (at) => {
    await makeFolders(at);
    const { code, err } = await dataset(at("in"), at("out"));
    equal(code, 0, err);
    const { clips, skipped } = await readIndex(at("out"));
    equal(
      clips.map(({ source, start, frames }) => [source, start, frames]).filter(([name]) => name !== "in/truncated"),
      [
        ["in/cut", 0, 10],
        ["in/cut", 10, 11],
        ["in/good", 0, 12],
      ],
    );
    const why = (name: string) =>
      skipped.filter(({ what }) => what.startsWith(`in/${name}`)).map(({ why }) => why).join();
    match(why("short"), /5 frames are fewer than 9/);
    match(why("truncated"), /010\.png/);
    match(why("two-sizes"), /007\.png/);
    for (const { what, why } of skipped) ok(err.includes(`skipped: ${what}: ${why}`));
    const { file, width, height, frames } = clips.find(({ source }) => source === "in/good")!;
    const bytes = await Deno.readFile(at("out", file));
    equal(bytes.length, frames * width * height * 3);
    equal([width, height], [WIDTH, HEIGHT]);
  });
});

Deno.test("dataset gives the same result when it is stopped and run again", async () => {
  await withFolder(async (at) => {
    await makeFolders(at);
    equal((await dataset(at("in"), at("whole"))).code, 0);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", SCRIPT, at("in"), at("parts")],
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const reader = child.stderr.getReader();
    await reader.read();
    child.kill("SIGKILL");
    await Promise.all([reader.cancel(), child.status]);
    equal((await dataset(at("in"), at("parts"))).code, 0);
    equal(await contents(at("parts")), await contents(at("whole")));
    equal((await dataset(at("in"), at("parts"))).code, 0);
    equal(await contents(at("parts")), await contents(at("whole")));
  });
});

Deno.test("dataset drops clips that are nearly the same as earlier ones, and videos that hardly move", async () => {
  await withFolder(async (at) => {
    await writeFrames(at("in", "a"), times(0, 10));
    await writeFrames(at("in", "b"), times(0, 10));
    await Deno.mkdir(at("in", "still"));
    for (let i = 0; i < 10; i++) await Deno.writeFile(at("in", "still", `${i}.png`), drawFrame(5, 0));
    equal((await dataset(at("in"), at("out"))).code, 0);
    const { clips, skipped } = await readIndex(at("out"));
    equal(clips.map(({ source }) => source), ["in/a"]);
    const reasons = skipped.map(({ what, why }) => `${what}: ${why}`).join("\n");
    match(reasons, /in\/b frames 0 to 9: it is nearly the same as in\/a frames 0 to 9/);
    match(reasons, /in\/still frames 0 to 9: its motion is too small/);
  });
});

Deno.test("dataset refuses invalid arguments with a one-line error", async () => {
  await withFolder(async (at) => {
    await Deno.mkdir(at("empty"));
    await writeFrames(at("short"), times(0, 3));
    const cases: [string[], RegExp][] = [
      [[at("x")], /takes IN\.\.\. and OUT, got 1 names/],
      [[at("none"), at("out")], /none cannot be read: there is no such file/],
      [[at("empty"), at("out")], /empty: the folder contains neither a video nor a folder of images/],
      [[at("short"), at("out"), "--min-frames", "70"], /--min-frames 70 is above --max-frames 60/],
      [[at("short"), at("out")], /out has no clips/],
    ];
    for (const [args, message] of cases) {
      const { code, err } = await dataset(...args);
      equal(code, 2, err);
      match(err, message);
    }
  });
});
