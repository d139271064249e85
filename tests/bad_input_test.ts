import { deepStrictEqual as equal, ok } from "node:assert/strict";
import {
  type Ended,
  ffmpeg,
  inRepo,
  interpolate,
  list,
  makeBase,
  NO_WORKERS,
  probe,
  programs,
  SmallDisk,
  task,
  whyNoSmallDisk,
  withFolder,
} from "./_tools.ts";
import { ON_WINDOWS, testUnless } from "./_unless.ts";

/** Checks the exit code, and that the error is one line with all required parts. */
function says({ code, err }: Ended, expected: number, ...parts: string[]): void {
  const lines = err.trim().split("\n").filter((line) =>
    line.startsWith("slomo: ") && !line.startsWith("slomo: warning")
  );
  equal(code, expected, err);
  equal(lines.length, 1, err);
  ok(!/\n\s+at /.test(err), `a stack trace: ${err}`);
  for (const part of parts) ok(lines[0]!.includes(part), `"${lines[0]}" does not say "${part}"`);
}

async function small(file: string, ...options: string[]): Promise<string> {
  await ffmpeg(
    "-f",
    "lavfi",
    "-i",
    "testsrc2=s=64x36:r=10:d=1",
    "-c:v",
    "libx264",
    "-pix_fmt",
    "yuv420p",
    ...options,
    file,
  );
  return file;
}

Deno.test("interpolate rejects invalid options with exit code 2", async (t) => {
  await withFolder(async (folder, at) => {
    const video = await small(at("video.mp4")), out = at("out.mp4");
    const cases: [string[], string[]][] = [
      [[video, out, "--factor", "0"], ["--factor", '"0"']],
      [[video, out, "--factor", "-2"], ["--factor", '"-2"']],
      [[video, out, "--factor", "1000000000"], ["--factor", '"1000000000"']],
      [[video, out, "--fps", "5", "--slow-motion"], ["5", "10", "video.mp4"]],
      [[video, out, "--factor", "2", "--fps", "60"], ["--factor", "--fps"]],
      [[video, out, "--crf", "high"], ["--crf", '"high"']],
      [[video, out, "--flow-scale", "0"], ["--flow-scale"]],
      [[video, out, "--facter", "2"], ["--factor"]],
      [[video], ["IN", "OUT"]],
      [[video, "-"], ["-", "pipe"]],
      [["-", out], ["-", "pipe"]],
      [[video, out, "--start", "soon"], ["--start", '"soon"']],
      [[video, out, "--start", "9"], ["--start 9", "video.mp4"]],
      [[video, out, "--backend", "abacus"], ["abacus", "wasm"]],
      [[video, out, "--weights", at("none.safetensors")], ["none.safetensors"]],
      [[video, out, "--manifest", at("none.json")], ["none.json"]],
      [[video, at("out.xyz")], ["out.xyz"]],
      [[video, out, "--codec", "no_such_encoder"], ["no_such_encoder"]],
      [[video, at("out.webm"), "--codec", "libx264"], ["webm"]],
      [[video, video, "--overwrite"], ["video.mp4"]],
    ];
    for (const [args, parts] of cases) {
      await t.step(
        args.slice(1).join(" ").replaceAll(folder, ""),
        async () => says(await interpolate(args), 2, ...parts),
      );
    }
    equal(await list(folder), ["video.mp4"]);
  });
});

Deno.test("interpolate rejects files without video with exit code 2", async (t) => {
  await withFolder(async (folder, at) => {
    await Deno.writeTextFile(at("empty.mp4"), "");
    await Deno.writeTextFile(at("text.mp4"), "this is no video\n".repeat(50));
    await ffmpeg("-f", "lavfi", "-i", "sine=d=1", at("only.m4a"));
    await Deno.mkdir(at("bare"));
    const video = await Deno.readFile(await small(at("video.mp4")));
    await Deno.writeFile(at("headless.mp4"), video.subarray(0, video.length * 0.6));
    for (const name of ["missing.mp4", "empty.mp4", "text.mp4", "only.m4a", "headless.mp4", "bare"]) {
      await t.step(name, async () => says(await interpolate([at(name), at("out.mkv")]), 2, name));
    }
    equal((await list(folder)).includes("out.mkv"), false);
  });
});

Deno.test("interpolate replaces an existing target only with --overwrite", async () => {
  await withFolder(async (_, at) => {
    const video = await small(at("video.mp4"));
    await Deno.writeTextFile(at("out.mp4"), "precious");
    says(await interpolate([video, at("out.mp4")]), 2, "out.mp4", "--overwrite");
    equal(await Deno.readTextFile(at("out.mp4")), "precious");
    equal((await interpolate([video, at("out.mp4"), "--overwrite"])).code, 0);
    equal(Number((await probe(at("out.mp4"))).video.nb_read_frames), 20);
  });
});

Deno.test("interpolate converts the readable part of a truncated video and warns", async () => {
  await withFolder(async (_, at) => {
    const base = await makeBase(at("base.mp4"));
    await ffmpeg("-i", base, "-c", "copy", at("whole.mkv"));
    const bytes = await Deno.readFile(at("whole.mkv"));
    await Deno.writeFile(at("cut.mkv"), bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    const { code, err } = await interpolate([at("cut.mkv"), at("out.mkv")]);
    equal(code, 0, err);
    ok(err.includes("warning") && err.includes("cut.mkv"), err);
    const frames = Number((await probe(at("out.mkv"))).video.nb_read_frames);
    ok(frames > 60 && frames < 192 && frames % 2 === 0, `${frames} frames`);
  });
});

Deno.test("interpolate repeats the frame of a one-frame video and warns", async () => {
  await withFolder(async (_, at) => {
    await small(at("one.mp4"), "-frames:v", "1");
    const { code, err } = await interpolate([at("one.mp4"), at("out.mp4")]);
    equal(code, 0, err);
    ok(err.includes("one frame"), err);
    equal(Number((await probe(at("out.mp4"))).video.nb_read_frames), 2);
  });
});

Deno.test("interpolate rejects images of different sizes and names both sizes", async () => {
  await withFolder(async (_, at) => {
    await Deno.mkdir(at("in"));
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=48x32:r=10:d=0.2", at("in/a_%d.png"));
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x32:r=10:d=0.1", at("in/a_3.png"));
    says(await interpolate([at("in"), at("out")]), 2, "48×32", "64×32", "a_3.png");
  });
});

Deno.test("interpolate rejects weights of another architecture and broken weights", async () => {
  await withFolder(async (_, at) => {
    const video = await small(at("video.mp4"));
    const model = await Deno.readFile(inRepo("models/slomo-half.safetensors"));
    await Deno.writeFile(at("short.safetensors"), model.subarray(0, 1e6));
    await Deno.writeFile(at("noise.safetensors"), model.subarray(5e6, 6e6));
    await Deno.writeTextFile(
      at("wide.json"),
      JSON.stringify({
        plugins: ["flow-backbones", "codecs"].map((name) => inRepo(`plugins/${name}/mod.ts`)),
        use: {
          flowEstimator: { name: "super-slomo", options: { width: 1 } },
          interpolator: { name: "super-slomo" },
          warp: { name: "backward" },
          media: { name: "ffmpeg" },
        },
        weights: inRepo("models/slomo-half.safetensors"),
      }),
    );
    const run = (...args: string[]) =>
      task("interpolate", [video, at("out.mp4"), "--backend", "cpu", ...NO_WORKERS, ...args]);
    says(await run("--weights", at("short.safetensors")), 1, "short.safetensors", "truncated");
    says(await run("--weights", at("noise.safetensors")), 2, "noise.safetensors");
    says(await run("--manifest", at("wide.json")), 2, "width", "0.5", "1");
    equal((await list(at("."))).includes("out.mp4"), false);
  });
});

Deno.test("interpolate names the mistake in a manifest", async () => {
  await withFolder(async (_, at) => {
    const video = await small(at("video.mp4"));
    const text = await Deno.readTextFile(inRepo("slomo.json"));
    await Deno.writeTextFile(at("typo.json"), text.replace('"interpolator"', '"interpolater"'));
    says(
      await task("interpolate", [video, at("out.mp4"), "--manifest", at("typo.json")]),
      2,
      "typo.json",
      "line 10",
      "interpolator",
    );
  });
});

testUnless(ON_WINDOWS, "interpolate reports that ffmpeg was killed, and leaves no files", async () => {
  await withFolder(async (folder, at) => {
    const video = await small(at("video.mp4")), fake = at("ffmpeg"), { ffmpeg } = await programs();
    // The encoder takes some frames of the video and is killed then.
    const script = `case "$*" in *"-f nut -i pipe:0"*) head -c 9000 > /dev/null; kill -KILL $$;; esac`;
    await Deno.writeTextFile(fake, `#!/bin/sh\n${script}\nexec "${ffmpeg}" "$@"\n`, { mode: 0o755 });
    says(await interpolate([video, at("out.mp4"), "--ffmpeg", fake]), 1, "ffmpeg", "SIGKILL");
    equal(await list(folder), ["ffmpeg", "video.mp4"]);
  });
});

testUnless(await whyNoSmallDisk(), "interpolate reports a full disk, and leaves no files", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=50:d=0.5", "-c:v", "ffv1", at("video.mkv"));
    await using _disk = await SmallDisk.mount(at("disk"), "200k");
    says(await interpolate([at("video.mkv"), at("disk/out.mkv"), "--codec", "ffv1"]), 1, "No space left");
    equal(await list(at("disk")), []);
  });
});
