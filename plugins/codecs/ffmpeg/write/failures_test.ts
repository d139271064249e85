import assert from "node:assert/strict";
import { type Frame, type FrameWriter, JobError, type MediaHandler } from "@slomo/core";
import {
  type CopyOptions,
  copyVideo,
  evalIn,
  make,
  probeFields,
  type Scratch,
  testEachFfmpegCases,
  testFfmpegs,
  withScratch,
  writeOptions,
} from "../../_testing.ts";
import { ON_WINDOWS, testUnless } from "../../../../tests/_unless.ts";
import { ffmpegMedia } from "../media.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;
const CLIP = "-f lavfi -i testsrc2=s=64x36:r=24:d=1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p";

/** Returns the names in a folder except those of the test's own input. */
async function left({ folder }: Scratch): Promise<string[]> {
  const names = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.filter((name) => name !== "in.mp4" && name !== "ffmpeg" && name !== "ffprobe").sort();
}

/** Creates a media handler whose ffmpeg runs `script` if `pattern` is in its command line, and the real ffmpeg otherwise. */
async function failing({ path }: Scratch, pattern: string, script: string): Promise<MediaHandler> {
  const source = `#!/bin/sh\ncase "$*" in *${pattern}*) ${script};; esac\nexec "${own.ffmpeg}" "$@"\n`;
  await Deno.writeTextFile(path("ffmpeg"), source, { mode: 0o755 });
  await Deno.symlink(own.ffprobe, path("ffprobe"));
  return ffmpegMedia({ ffmpeg: path("ffmpeg") });
}

function testFailure(name: string, fn: (scratch: Scratch) => Promise<void>): void {
  testUnless(ON_WINDOWS, name, () =>
    withScratch(async (scratch) => {
      await make(own.ffmpeg, `${CLIP} ${scratch.path("in.mp4")}`);
      await fn(scratch);
    }));
}

type Name = readonly [name: string, ending: string];
const LEAD = "-lead", COLON = "a:b", QUOTES = "sp ace é日本 'q' \"d\" 100%d", BRACKETS = "back[1]#;$x";
const FEW: Name[] = [[LEAD, "mkv"], [COLON, "gif"], [QUOTES, "mkv"], [BRACKETS, "gif"]];
const MORE: Name[] = [[LEAD, "gif"], [COLON, "mkv"], [QUOTES, "gif"], [BRACKETS, "mkv"]];

testEachFfmpegCases(
  ffmpegs,
  "names with dashes, colons, quotes, percent signs, spaces and other scripts work for input and output",
  FEW,
  MORE,
  async ({ ffmpeg }, cases) => {
    await withScratch(async ({ path }) => {
      await make(own.ffmpeg, `${CLIP} ${path("in.mp4")}`);
      const inner = path("x %04d y"), copies: [string, string][] = [];
      await Deno.mkdir(inner);
      for (const [name, ending] of cases) {
        await Deno.copyFile(path("in.mp4"), `${inner}/${name}.mp4`);
        copies.push([`${name}.mp4`, `${name}.out.${ending}`]);
      }
      if (!ON_WINDOWS) {
        await Deno.mkdir(`${inner}/line\nbreak`);
        copies.push(["-lead.mp4", "line\nbreak/o.mp4"]);
      }
      const module = (path: string) => JSON.stringify(import.meta.resolve(path));
      await evalIn(
        inner,
        `import { ffmpegMedia } from ${module("../media.ts")};
        import { copyVideo } from ${module("../../_testing.ts")};
        const codec = ffmpegMedia({ ffmpeg: ${JSON.stringify(ffmpeg)} });
        for (const [from, to] of ${JSON.stringify(copies)}) await copyVideo(codec, from, to);`,
      );
      for (const [, to] of copies) assert.ok((await Deno.stat(`${inner}/${to}`)).size > 0);
    });
  },
);

testFailure("plan() rejects invalid targets and options in one line, and leaves no files", async (scratch) => {
  const { path } = scratch, codec = ffmpegMedia();
  await Deno.symlink(path("in.mp4"), path("link.mp4"));
  await Deno.link(path("in.mp4"), path("hard.mp4"));
  await Deno.symlink(path("nowhere.mp4"), path("dangling.mp4"));
  await Deno.writeTextFile(path("there.mp4"), "precious");
  await new Deno.Command("mkfifo", { args: [path("pipe.mkv")] }).output();
  const before = await left(scratch);
  const refused: [string, CopyOptions, RegExp][] = [
    ["there.mp4", {}, /there\.mp4 exists; give another name, or set `overwrite`/],
    ["in.mp4", { overwrite: true }, /in\.mp4: cannot write the file: it is the source/],
    ["link.mp4", { overwrite: true }, /link\.mp4: cannot write the file: it is the source/],
    ["hard.mp4", { overwrite: true }, /hard\.mp4: cannot write the file: it is the source/],
    ["dangling.mp4", {}, /dangling\.mp4 exists; give another name/],
    ["pipe.mkv", { overwrite: true }, /pipe\.mkv: cannot write the file: it is a pipe or a device/],
    [`${"x".repeat(252)}.mp4`, {}, /x\.mp4: cannot write the file: File name too long$/],
    ["none/o.mp4", {}, /cannot write the file: there is no folder .*none; create it first/],
    ["o.avi", {}, /must be one of \.mp4, \.m4v, \.mov, \.mkv, \.webm, \.ts, \.gif/],
    ["o.mp4", { encoder: "libx246" }, /`encoder` libx246: ffmpeg .* has no such encoder; it has libx264/],
    [
      "o.mp4",
      { encoder: "ffvhuff" },
      /encoder ffvhuff: cannot encode yuv420p at 64×36 in mp4: .*ffvhuff.*; choose another `encoder`/,
    ],
    ["o.webm", { encoder: "libx264" }, /encoder libx264: cannot encode .* in webm: .*Only VP8 or VP9 or AV1/],
    ["o.mkv", { encoder: "ffv1", crf: 10 }, /encoder ffv1: cannot use `crf` 10: it has no such quality scale/],
    ["o.mp4", { crf: 64 }, /`crf` must be from 0 to 63, got 64/],
    ["o.mp4", { pixelFormat: "rgb24" }, /encoder libx264: cannot encode `pixelFormat` rgb24; choose one of yuv420p,/],
    ["o.gif", { encoder: "libx264" }, /gif: cannot use `encoder` libx264; leave it out/],
  ];
  for (const [name, options, message] of refused) {
    await assert.rejects(copyVideo(codec, path("in.mp4"), path(name), options), { name: "UsageError", message });
  }
  assert.deepEqual(await left(scratch), before);
  assert.equal(await Deno.readTextFile(path("there.mp4")), "precious");
});

testFailure("the target is replaced only when the video is finished", async (scratch) => {
  const { path } = scratch, codec = ffmpegMedia();
  await Deno.writeTextFile(path("o.mp4"), "old");
  const change = <T>(frame: T) => (assert.equal(Deno.readTextFileSync(path("o.mp4")), "old"), frame);
  await copyVideo(codec, path("in.mp4"), path("o.mp4"), { overwrite: true, change });
  assert.equal((await probeFields(own.ffprobe, path("o.mp4"), "v:0", "nb_read_frames")).nb_read_frames, "24");
  assert.deepEqual(await left(scratch), ["o.mp4"]);
});

testFailure(
  "an encoder that fails midway is reported in one line with its message, and no files are left",
  async (scratch) => {
    const codec = await failing(scratch, "pipe:0", "head -c 9000 > /dev/null; echo 'device lost' >&2; exit 3");
    for (const ending of ["mp4", "gif"]) {
      await assert.rejects(copyVideo(codec, scratch.path("in.mp4"), scratch.path(`o.${ending}`)), {
        name: "JobError",
        message: /^ffmpeg, writing .*o\.\w+ after frame \d+, failed: device lost$/,
      });
    }
    assert.deepEqual(await left(scratch), []);
  },
);

testFailure("a killed encoder is reported with the signal", async (scratch) => {
  const codec = await failing(scratch, "pipe:0", "head -c 9000 > /dev/null; kill -KILL $$");
  await assert.rejects(copyVideo(codec, scratch.path("in.mp4"), scratch.path("o.mkv")), {
    name: "JobError",
    message: /after frame \d+, was killed by signal SIGKILL$/,
  });
  assert.deepEqual(await left(scratch), []);
});

testFailure("a trial that hangs once is repeated, and the audio is kept", async (scratch) => {
  const input = scratch.path("sound.mkv"), killed = scratch.path("killed");
  await make(own.ffmpeg, `-f lavfi -i sine=d=1 ${CLIP} -c:a wmav2 ${input}`);
  const trial = '"lavfi -i color=gray"*"-c:1 aac"', kill = `mkdir "${killed}" 2>/dev/null && kill -KILL $$`;
  const { plan } = await copyVideo(await failing(scratch, trial, kill), input, scratch.path("o.mov"));
  assert.ok((await Deno.stat(killed)).isDirectory);
  assert.deepEqual(plan.dropped, []);
});

testFailure("a full disk is an error even where ffmpeg's exit code is 0", async (scratch) => {
  const codec = await failing(scratch, "pipe:0", `trap '' XFSZ; ulimit -f 4; exec "${own.ffmpeg}" "$@"`);
  for (const [ending, encoder] of [["mp4", "libx264"], ["mkv", "ffv1"], ["ts", "libx264"]]) {
    const job = copyVideo(codec, scratch.path("in.mp4"), scratch.path(`o.${ending}`), { encoder });
    await assert.rejects(job, { name: "JobError", message: /failed: File too large/ });
    await assert.rejects(Deno.stat(scratch.path(`o.${ending}`)), Deno.errors.NotFound);
  }
});

testFailure("if the target appears during the job, the video is kept and its path reported", async (scratch) => {
  const { path } = scratch, codec = ffmpegMedia();
  const change = <T>(frame: T) => (Deno.writeTextFileSync(path("o.mp4"), "someone's"), frame);
  await assert.rejects(copyVideo(codec, path("in.mp4"), path("o.mp4"), { change }), {
    name: "JobError",
    message: /o\.mp4 exists; .*; the finished video is kept as .*o\.kept\.mp4$/,
  });
  assert.deepEqual(await left(scratch), ["o.kept.mp4", "o.mp4"]);
  assert.equal((await probeFields(own.ffprobe, path("o.kept.mp4"), "v:0", "nb_read_frames")).nb_read_frames, "24");
});

testFailure("a kept video has a name of valid length, even if the target's name is long", async (scratch) => {
  const { path } = scratch, codec = ffmpegMedia(), name = `${"日".repeat(83)}.mp4`;
  const change = <T>(frame: T) => (Deno.writeTextFileSync(path(name), "someone's"), frame);
  await assert.rejects(copyVideo(codec, path("in.mp4"), path(name), { change }), {
    message: /kept as .*日\.kept\.mp4$/,
  });
  assert.deepEqual(await left(scratch), [`${"日".repeat(66)}.kept.mp4`, name]);
});

testFailure("a video that cannot be renamed stays in the work folder", async (scratch) => {
  const { folder, path } = scratch, codec = ffmpegMedia();
  await Deno.mkdir(path("to"));
  const rename = Deno.rename;
  const refuse = () => Promise.reject(new Error("Read-only file system"));
  try {
    const change = <T>(frame: T) => ((Deno.rename = refuse), frame);
    await assert.rejects(copyVideo(codec, path("in.mp4"), path("to/o.mp4"), { change }), (error) => {
      assert.ok(error instanceof JobError);
      const kept = /^Read-only file system; the finished video is kept as (.*)$/.exec(error.message)?.[1];
      assert.ok(kept?.startsWith(folder) && Deno.statSync(kept).size > 0, error.message);
      return true;
    });
  } finally {
    Deno.rename = rename;
  }
});

testFailure("audio that cannot be copied is encoded, with a warning", async (scratch) => {
  const { path } = scratch, said: string[] = [];
  const codec = await failing(scratch, "'-f concat'*'-c:1 copy'", "echo 'damaged packet' >&2; exit 1");
  await make(own.ffmpeg, `${CLIP} ${path("v.mp4")}`);
  await make(own.ffmpeg, `-i ${path("v.mp4")} -f lavfi -i sine=d=1 -c:v copy -c:a libmp3lame ${path("s.mkv")}`);
  const onEvent = ({ message }: { message: string }) => said.push(message);
  const resumption = { facts: () => Promise.resolve({}), resume: false, onEvent };
  await copyVideo(codec, path("s.mkv"), path("o.mp4"), { resumption });
  assert.equal((await probeFields(own.ffprobe, path("o.mp4"), "a:0", "codec_name")).codec_name, "aac");
  assert.deepEqual(said.map((message) => message.replace(/writing .*,/, "writing …,")), [
    "audio could not be copied and is encoded instead: ffmpeg, writing …, failed: damaged packet",
  ]);
});

testFailure("if the palette of a GIF cannot be applied, its frames are kept", async (scratch) => {
  const codec = await failing(scratch, "paletteuse", "echo 'out of memory' >&2; exit 1");
  await assert.rejects(copyVideo(codec, scratch.path("in.mp4"), scratch.path("o.gif")), {
    name: "JobError",
    message: /failed: out of memory; its frames are kept losslessly in .*o\.kept\.mkv$/,
  });
  assert.deepEqual(await left(scratch), ["o.kept.mkv"]);
});

testFailure(
  "an aborted video leaves no file and no process, and abort() after finish() keeps the video",
  async (scratch) => {
    const { path } = scratch;
    const codec = await failing(scratch, "pipe:0", `echo $$ > "${path("ffprobe.pid")}"`);
    for (const ending of ["mp4", "gif"]) {
      const stop = new AbortController();
      const change = async (frame: Frame, index: number) => {
        if (index !== 5) return frame;
        while (!await Deno.stat(path("ffprobe.pid")).catch(() => undefined)) {
          await new Promise((done) => setTimeout(done, 5));
        }
        stop.abort();
        return frame;
      };
      await assert.rejects(copyVideo(codec, path("in.mp4"), path(`o.${ending}`), { signal: stop.signal, change }), {
        name: "AbortError",
      });
      const pid = (await Deno.readTextFile(path("ffprobe.pid"))).trim();
      assert.ok(!(await new Deno.Command("kill", { args: ["-0", pid], stderr: "null" }).output()).success);
      await Deno.remove(path("ffprobe.pid"));
      assert.deepEqual(await left(scratch), []);
    }
  },
);

testFailure("the encoder starts before the first frame, and ends with a writer that gets none", async (scratch) => {
  const { path } = scratch, codec = await failing(scratch, "pipe:0", `echo $$ > "${path("ffprobe.pid")}"`);
  const reader = await codec.source!.open(path("in.mp4"));
  for (const ending of ["abort", "finish"] as const) {
    const writer = await (await codec.sink!.plan(writeOptions(reader, path("o.mp4")))).open();
    while (!(await Deno.readTextFile(path("ffprobe.pid")).catch(() => "")).endsWith("\n")) {
      await new Promise((done) => setTimeout(done, 5));
    }
    if (ending === "abort") await writer.abort();
    else await assert.rejects(writer.finish(), JobError);
    const pid = (await Deno.readTextFile(path("ffprobe.pid"))).trim();
    assert.ok(!(await new Deno.Command("kill", { args: ["-0", pid], stderr: "null" }).output()).success);
    await Deno.remove(path("ffprobe.pid"));
    assert.deepEqual(await left(scratch), []);
  }
});

testFailure(
  "finish() without a frame is an error; abort() undoes a video and does nothing to a finished one",
  async (scratch) => {
    const { path } = scratch, codec = ffmpegMedia(), reader = await codec.source!.open(path("in.mp4"));
    const open = async (name: string): Promise<FrameWriter> => {
      return await (await codec.sink!.plan(writeOptions(reader, path(name)))).open();
    };
    for (const ending of ["mp4", "gif"]) {
      await assert.rejects((await open(`o.${ending}`)).finish(), JobError);
      const undone = await open(`o.${ending}`), kept = await open(`kept.${ending}`);
      for await (const frame of reader.frames()) {
        await undone.write(frame);
        await kept.write(frame);
      }
      await undone.abort();
      await kept.finish();
      await kept.abort();
    }
    assert.deepEqual(await left(scratch), ["kept.gif", "kept.mp4"]);
  },
);
