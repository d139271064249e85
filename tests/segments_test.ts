/** Segments that separate processes make, in any order, join to the bytes of a single run. */
import { deepStrictEqual as equal, match, ok, rejects } from "node:assert/strict";
import { existsSync } from "node:fs";
import type { JobEvent } from "@slomo/core/video";
import { openSlomo } from "@slomo/slomo";
import { compare, compareUnusualTimes, join, make, plan, SEGMENTS, shuffled, single, X264 } from "./_segments.ts";
import { testCases } from "./_more.ts";
import { BLEND, ffmpeg, inRepo, list, NO_WORKERS, task, withFolder } from "./_tools.ts";
import { ON_WINDOWS, testUnless } from "./_unless.ts";

const TEXT = "1\n00:00:00,200 --> 00:00:01,100\nfirst\n\n2\n00:00:01,200 --> 00:00:01,800\nsecond\n";
const CHAPTERS = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=one\n" +
  "[CHAPTER]\nTIMEBASE=1/1000\nSTART=900\nEND=2000\ntitle=two\n";

/** Creates a video of 2 s: three cuts, duplicates, a still box, audio, subtitles and chapters. */
async function makeVideo(at: (name: string) => string): Promise<string> {
  await Deno.writeTextFile(at("text.srt"), TEXT);
  await Deno.writeTextFile(at("chapters.txt"), CHAPTERS);
  const cuts = "negate=enable='between(t,0.6,1.2)',hflip=enable='gte(t,1.6)'";
  const frames = `testsrc2=s=96x64:r=12:d=2,fps=24000/1001,${cuts},drawbox=x=4:y=4:w=28:h=20:c=white:t=fill`;
  await ffmpeg(
    ...["-f", "lavfi", "-i", frames, "-f", "lavfi", "-i", "sine=f=440:d=2", "-i", at("text.srt"), "-i"],
    ...[at("chapters.txt"), "-map_chapters", "3", ...X264, "-c:a", "aac", "-c:s", "srt", at("input.mkv")],
  );
  return at("input.mkv");
}

/** Returns the content of a file of `--retime`. */
const position = (...points: readonly (readonly [output: number, source: number])[]) => ({
  position: points.map(([output, source]) => ({ output, source })),
});

testCases("segments join to the bytes of a single run, with all options of time and content", [
  ["mp4", "--factor 5/2 --slow-motion --crf 30 --loop"],
  ["mkv", "--slow 0.4-1=3 --slow 1.5-1.8=0.5 --keep-still"],
  ["mp4", "--factor 2 --grain match --pairs pairs.json"],
], [
  ["mp4", "--factor 3"],
  ["mp4", "--factor 5/2 --slow-motion --crf 30"],
  ["mp4", "--loop --keep-still"],
  ["mkv", "--fps 60 --start 0.3 --end 1.7"],
  ["mov", "--keep-still"],
  ["mkv", "--keep-still --duplicates keep --cut-threshold 10"],
  ["ts", "--no-cuts --audio drop"],
  ["mkv", "--factor 2 --codec ffv1 --pix-fmt yuv444p"],
  ["mkv", "--fps 30 --keep-still --retime forward.json"],
  ["mp4", "--fps 30 --keep-still --audio drop --retime both.json"],
], async (t, cases: readonly (readonly [string, string])[]) => {
  await withFolder(async (_, at) => {
    const source = await makeVideo(at);
    const files = {
      "forward.json": position([0, 0], [1.5, 0.9]),
      "both.json": position([0, 0.2], [1, 1.7], [2, 0.5]),
      "pairs.json": {
        pairs: [{ frames: [3, 6], as: "hold" }, { frames: [9, 10], as: "blend" }, { frames: [20, 22], as: "cut" }],
      },
    };
    for (const [name, content] of Object.entries(files)) await Deno.writeTextFile(at(name), JSON.stringify(content));
    for (const [ending, args] of cases) {
      await t.step(`${ending} ${args}`, async () => {
        const words = args.split(" ").map((word) => word.endsWith(".json") ? at(word) : word);
        await compare(source, at, ending, [...words, "--overwrite"]);
      });
    }
  });
});

Deno.test("segments join to the bytes of a single run, of videos with unusual times", async (t) => {
  // `tests/soak` compares all of them.
  await compareUnusualTimes(t, ["vfr.mp4", "long.mp4"]);
});

Deno.test("segments write the flow of the single run", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:r=12:d=0.7", ...X264, at("in.mp4"));
    const { use: { media } } = JSON.parse(await Deno.readTextFile(inRepo("tests/fixtures/segments.json")));
    const { use } = JSON.parse(await Deno.readTextFile(inRepo("slomo.json")));
    const plugins = ["flow-backbones", "codecs"].map((name) => inRepo(`plugins/${name}/mod.ts`));
    const manifest = {
      plugins,
      use: { ...use, interpolator: { name: "super-slomo" }, media },
      weights: inRepo("models/slomo-quarter.safetensors"),
    };
    await Deno.writeTextFile(at("m.json"), JSON.stringify(manifest));
    const options = ["--manifest", at("m.json"), "--backend", "wasm", "--flow-out"];
    const whole = await task("interpolate", [at("in.mp4"), at("a.mp4"), ...options, at("flow-a"), ...NO_WORKERS]);
    equal(whole.code, 0, whole.err);
    const planned = await task("segments", ["plan", at("in.mp4"), at("b.mp4"), ...options, at("flow-b")]);
    equal([planned.code, planned.out.trim()], [0, "2"], planned.err);
    const made = await make(at("b.mp4"), 1, 0);
    equal(made.code, 0, made.err);
    equal((await join(at("b.mp4"))).code, 0);
    const names = await list(at("flow-a"));
    ok(names.length > 8);
    equal(await list(at("flow-b")), names);
    for (const name of names) {
      equal(await Deno.readFile(at(`flow-b/${name}`)), await Deno.readFile(at(`flow-a/${name}`)));
    }
    equal(await Deno.readFile(at("b.mp4")), await Deno.readFile(at("a.mp4")));
  });
});

testUnless(ON_WINDOWS, "segments can be made by several processes at once, from any folder", async () => {
  await withFolder(async (folder, at) => {
    const source = await makeVideo(at);
    equal((await single(source, at("whole.mp4"))).code, 0);
    const planned = await plan(source, at("o.mp4"));
    equal(planned.code, 0, planned.err);
    const script = `printf '%s\\n' ${shuffled(Number(planned.out)).join(" ")} | xargs -P 2 -n 2 ` +
      `"${Deno.execPath()}" run -A --no-check "${
        inRepo("scripts/segments.ts")
      }" make o.mp4.segments --workers 0 --quiet`;
    const { code, stderr } = await new Deno.Command("sh", { args: ["-c", script], cwd: folder }).output();
    equal(code, 0, new TextDecoder().decode(stderr));
    // The folder has moved, with the video.
    await Deno.mkdir(at("moved"));
    for (const name of ["input.mkv", "o.mp4.segments"]) await Deno.rename(at(name), at(`moved/${name}`));
    equal((await join(at("moved/o.mp4"))).code, 0);
    equal(await Deno.readFile(at("moved/o.mp4")), await Deno.readFile(at("whole.mp4")));
    equal(await list(at("moved")), ["input.mkv", "o.mp4"]);
  });
});

Deno.test("every step of segments can be repeated, and reports what is missing, in one line", async () => {
  await withFolder(async (folder, at) => {
    const source = await makeVideo(at), output = at("o.mp4");
    const refused = async (ended: ReturnType<typeof task>, code: number, message: RegExp) => {
      const { code: actual, err } = await ended,
        lines = err.trim().split("\n").filter((line) => /^slomo: (?!warning)/.test(line));
      equal([actual, lines.length], [code, 1], err);
      match(lines[0]!, message);
    };
    await refused(make(output, 0), 2, /o\.mp4\.segments: has no plan of segments; plan them first/);
    await refused(join(output), 2, /has no plan of segments/);
    const first = await plan(source, output), again = await plan(source, output);
    equal([first.code, again.code, again.out], [0, 0, first.out]);
    const count = Number(first.out);
    await refused(make(output, count), 2, new RegExp(`has no segment ${count}: segments are 0 to ${count - 1}$`));
    await refused(make(output, "1-0"), 2, /numbers of segments and shards are such as 3 or 0-9, got "1-0"/);
    await refused(make(output), 2, /give the numbers of the segments to make/);
    equal((await make(output, 1, "2-3")).code, 0);
    match((await make(output, 3)).err, /segment 3: exists already/);
    await refused(join(output), 1, /cannot join the segments: 1 of 4 are missing: 0; make them first/);
    await refused(
      plan(source, output, "--factor", "4"),
      2,
      /planned otherwise; changed: --factor, --fps, --slow or --retime, encoding; remove the folder, or set --overwrite/,
    );
    equal((await plan(source, output)).out, first.out);
    equal((await make(output, `0-${count - 1}`)).code, 0);
    equal((await join(output)).code, 0);
    equal((await list(folder)).filter((name) => name.startsWith("o.") || name.startsWith(".")), ["o.mp4"]);
    await refused(plan(source, output), 2, /o\.mp4 exists; give another name, or set --overwrite/);
    for (const name of ["o.gif", "images"]) {
      await refused(
        plan(source, at(name)),
        2,
        /cannot be written in segments: (a gif|image files) can only be written in one run; name an mp4/,
      );
    }
  });
});

Deno.test("segments are refused if the source, a setting or the machine differs from the plan", async () => {
  await withFolder(async (_, at) => {
    const source = await makeVideo(at), output = at("o.mp4"), folder = `${output}.segments`;
    equal((await plan(source, output)).code, 0);
    equal((await make(output, 0)).code, 0);
    const maker = JSON.parse(await Deno.readTextFile(`${folder}/maker.json`));
    await Deno.writeTextFile(`${folder}/maker.json`, JSON.stringify({ ...maker, "the CPU": "another, 1 cores" }));
    const machine = await make(output, 1);
    equal(machine.code, 2);
    match(
      machine.err,
      /cannot make its segments: these differ from those of the machine that made the first segment: the CPU/,
    );
    await Deno.writeTextFile(`${folder}/maker.json`, JSON.stringify(maker));
    equal((await make(output, 1)).code, 0);
    // A damaged segment counts as missing.
    const parts = (await list(folder)).filter((name) => name.startsWith("000001-"));
    await Deno.truncate(`${folder}/${parts[0]}`, 10);
    match((await make(output, 1)).err, /segment 1: made/);
    await Deno.utime(source, new Date(0), new Date(0));
    const changed = await make(output, 2);
    equal(changed.code, 2);
    match(changed.err, /these differ from those that the segments were planned with: the input/);
    match((await join(output)).err, /the input/);
  });
});

Deno.test("a segment is refused if its source frames differ, also if the file looks the same", async () => {
  await withFolder(async (_, at) => {
    const lavfi = (source: string) =>
      ffmpeg("-f", "lavfi", "-i", source, "-c:v", "ffv1", "-pix_fmt", "yuv420p", at("in.mkv"));
    await lavfi("testsrc2=s=64x36:r=24:d=1");
    equal((await task("segments", ["plan", at("in.mkv"), at("o.mkv"), ...SEGMENTS])).code, 0);
    const facts = JSON.parse(await Deno.readTextFile(at("o.mkv.segments/plan.json")));
    await lavfi("testsrc2=s=64x36:r=24:d=1,hue=h=90:enable='gte(t,0.6)'");
    // The fingerprint of the changed file, so that only the frames tell.
    await plan(at("in.mkv"), at("p.mkv"));
    const changed = JSON.parse(await Deno.readTextFile(at("p.mkv.segments/plan.json")));
    await Deno.writeTextFile(
      at("o.mkv.segments/plan.json"),
      JSON.stringify({ ...facts, facts: changed.facts }),
    );
    equal((await make(at("o.mkv"), 0)).code, 0);
    const { code, err } = await make(at("o.mkv"), 1);
    equal(code, 1);
    match(
      err,
      /a frame from 0\.5\d+ s on differs from the one that was planned: the source has changed, or .*; plan again$/m,
    );
    equal((await list(at("o.mkv.segments"))).filter((name) => name.startsWith("000001")), []);
  });
});

Deno.test("a segment whose folder another process has joined and removed is one clear error", async () => {
  await withFolder(async (_, at) => {
    await using slomo = await openSlomo({ manifest: BLEND, backend: "cpu", workers: 0 });
    await using video = await slomo.segments(inRepo("examples/clip.mp4"), at("out.mp4"), { factor: 2 });
    await video.plan();
    const onEvent = ({ type }: JobEvent) => {
      if (type === "frame" && existsSync(video.folder)) Deno.removeSync(video.folder, { recursive: true });
    };
    await rejects(video.make(0, { onEvent }), {
      name: "UsageError",
      message: /out\.mp4\.segments: has no plan; .* joined/,
    });
  });
});

Deno.test("a process prepares a segment while it makes others, and the bytes stay the same", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x36:r=12:d=4", ...X264, at("in.mp4"));
    equal((await single(at("in.mp4"), at("whole.mp4"))).code, 0);
    await using slomo = await openSlomo({ manifest: SEGMENTS[1]!, backend: "cpu", workers: 0 });
    await using video = await slomo.segments(at("in.mp4"), at("parts.mp4"));
    const { segments } = await video.plan(), order: string[] = [];
    const make = (index: number) =>
      video.make(index, {
        onEvent: (event) => void (event.type === "frame" && event.done === event.total && order.push(`${index}`)),
      });
    const stop = new AbortController();
    const stopped = video.make(3, { signal: stop.signal }), made = [2, 0, 1].map(make);
    stop.abort(new Error("stopped"));
    await rejects(stopped, /stopped/);
    equal([await Promise.all(made), segments], [["made", "made", "made"], 4]);
    equal(await make(3), "made");
    equal(order.at(-1), "3");
    await video.join();
    ok(Buffer.compare(await Deno.readFile(at("whole.mp4")), await Deno.readFile(at("parts.mp4"))) === 0);
  });
});
