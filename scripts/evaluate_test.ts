import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { toFileUrl } from "@std/path";
import { encode } from "fast-png";
import { BLEND, ffmpeg, task, withFolder } from "../tests/_tools.ts";

const WIDTH = 64, HEIGHT = 48;

/** Returns a smooth image, moved by `x` pixels to the right and brighter by `brighter` intensity levels. */
function frame(x: number, brighter = 0): Uint8Array {
  const data = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => {
    const u = Math.floor(i / 3) % WIDTH - x, v = Math.floor(i / (3 * WIDTH));
    return 2 * Math.round(60 + 25 * Math.sin(u / 3 + v / 9) + 20 * Math.cos(v / 4 + i % 3)) + brighter;
  });
  return encode({ width: WIDTH, height: HEIGHT, channels: 3, data });
}

async function writeFrames(folder: string, frames: Readonly<Record<string, Uint8Array>>): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(frames)) await Deno.writeFile(`${folder}/${name}`, bytes);
}

const GROUND_TRUTH = { "1.png": frame(0), "2.png": frame(3), "3.png": frame(6) };
const OFF = { "1.png": frame(0, 1), "2.png": frame(3, 2), "3.png": frame(6, 4) };

interface Figures {
  readonly psnr: number | string;
  readonly ie: number;
}
interface Json {
  readonly videoMetric?: string;
  readonly motion?: { readonly name: string; readonly frames: number }[];
  readonly sets: {
    readonly video?: Record<string, number>;
    readonly name: string;
    readonly sequences: number;
    readonly mean: Record<string, Figures>;
  }[];
  readonly sequences: {
    readonly video?: Record<string, number>;
    readonly name: string;
    readonly frames: { name: string; motion?: number; scores: Record<string, Figures> }[];
  }[];
  readonly notes: string[];
  readonly measured: Record<string, string>;
}

async function evaluate(...args: string[]): Promise<{ out: string; json: Json }> {
  const json = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const { code, out, err } = await task("evaluate", [...args, "--json", json]);
    equal(code, 0, err);
    return { out, json: JSON.parse(await Deno.readTextFile(json)) };
  } finally {
    await Deno.remove(json);
  }
}

Deno.test("evaluate --compare reports 48.13, 42.11 and 36.09 dB for errors of 1, 2 and 4, from PNG and from video", () =>
  withFolder(async (_, at) => {
    await writeFrames(at("ground-truth"), GROUND_TRUTH);
    await writeFrames(at("interpolated"), OFF);
    const images = await evaluate("--data", at("ground-truth"), "--compare", at("interpolated"));
    const given = images.json.sequences[0]!.frames.map(({ scores }) => scores["given"]!);
    equal(given.map(({ psnr, ie }) => [(psnr as number).toFixed(2), ie]), [["48.13", 1], ["42.11", 2], ["36.09", 4]]);
    equal((images.json.sets[0]!.mean["given"]!.psnr as number).toFixed(2), "42.11");
    match(images.out, /42\.11/);
    for (const side of ["ground-truth", "interpolated"]) {
      await ffmpeg(
        "-framerate",
        "10",
        "-i",
        at(`${side}/%d.png`),
        "-c:v",
        "ffv1",
        "-pix_fmt",
        "gbrp",
        at(`${side}.mkv`),
      );
    }
    const video = await evaluate("--data", at("ground-truth.mkv"), "--compare", at("interpolated.mkv"));
    equal(video.json.sets[0]!.mean, images.json.sets[0]!.mean);
    const mixed = await evaluate("--data", at("ground-truth"), "--compare", at("interpolated.mkv"));
    equal(mixed.json.sets[0]!.mean, images.json.sets[0]!.mean);
  }));

Deno.test("evaluate --compare reports infinity for equal images, and names the data", () =>
  withFolder(async (_, at) => {
    await writeFrames(at("ground-truth"), GROUND_TRUTH);
    const { out, json } = await evaluate("--data", at("ground-truth"), "--compare", at("ground-truth"));
    equal([json.sets[0]!.mean["given"]!.psnr, json.sets[0]!.mean["given"]!.ie], ["Infinity", 0]);
    match(out, /∞/);
    for (
      const said of [/8-bit RGB, rounded before measuring/, /no motion mask/, /11×11 Gaussian/, /root mean squared/]
    ) {
      match(out, said);
      match(Object.values(json.measured).join("\n"), said);
    }
  }));

Deno.test("evaluate --compare names files that exist on one side only, and measures the others", () =>
  withFolder(async (_, at) => {
    await writeFrames(at("ground-truth/a"), { ...GROUND_TRUTH, "4.png": frame(9) });
    await writeFrames(at("interpolated/a"), { "2.png": OFF["2.png"], "3.png": OFF["3.png"], "7.png": frame(1) });
    await writeFrames(at("ground-truth/b"), GROUND_TRUTH);
    await writeFrames(at("interpolated/c"), GROUND_TRUTH);
    const { json } = await evaluate("--data", at("ground-truth"), "--compare", at("interpolated"));
    equal(json.sequences.map(({ frames }) => frames.map(({ name }) => name)), [["2", "3"]]);
    const notes = json.notes.join("\n");
    match(notes, /missing in .*interpolated: b$/m);
    match(notes, /only in .*interpolated, not measured: c$/m);
    match(notes, /frames of .*a that are missing in .*a: 1, 4$/m);
    match(notes, /frames only in .*a, not measured: 7$/m);
  }));

Deno.test("evaluate measures model, blending and minterpolate on held-out frames, and writes a self-contained page", () =>
  withFolder(async (_, at) => {
    const walk = Object.fromEntries([0, 2, 4, 6, 8, 10, 12].map((x, i) => [`${i}.png`, frame(x)]));
    await writeFrames(at("set/walk"), walk);
    await writeFrames(at("set/short"), { "1.png": frame(0) });
    await writeFrames(at("mb"), { "frame10.png": frame(0), "frame10i11.png": frame(2), "frame11.png": frame(4) });
    const report = at("report.html"), common = ["--manifest", BLEND, "--backend", "cpu"];
    const { out, json } = await evaluate("--data", at("set"), ...common, "--html", report);
    const frames = json.sequences[0]!.frames;
    equal(frames.map(({ name }) => name), ["1", "3", "5"]);
    for (const { scores } of frames) {
      equal(Object.keys(scores), ["model", "blend", "minterpolate"]);
      equal(scores["model"], scores["blend"]);
      ok(scores["minterpolate"]!.ie > 0 && scores["minterpolate"]!.ie < 30);
    }
    match(json.notes.join("\n"), /short is skipped: it has 1 of the three images/);
    match(out, /worst frames of model\n {2}walk: /);
    const page = await Deno.readTextFile(report);
    equal(page.match(/(?:src|href)="(?!data:image\/png;base64,)/g), null);
    equal(page.match(/https?:/g), null);
    ok(page.match(/<img /g)!.length >= 3 * (3 + 2 * 3));
    const limited = await evaluate("--data", at("set"), "--methods", "blend", "--limit", "2", "--max-size", "12");
    equal(limited.json.sequences[0]!.frames.map(({ name }) => name), ["1", "5"]);
    const short = await evaluate("--data", at("set"), "--methods", "blend", "--frames", "4");
    equal(short.json.sequences[0]!.frames.map(({ name }) => name), ["1"]);
    const middlebury = await evaluate("--data", at("mb"), "--methods", "blend");
    const [{ motion, ...still }] = middlebury.json.sequences[0]!.frames as [Json["sequences"][0]["frames"][0]];
    equal([still, motion], [{ name: "frame10i11", scores: middlebury.json.sets[0]!.mean }, 4]);
    equal(middlebury.json.motion!.map(({ name, frames }) => [name, frames]), [["small", 1]]);
    equal(middlebury.json.sets[0]!.mean["blend"], frames[0]!.scores["blend"]);
  }));

Deno.test("evaluate measures several models in one report, under their names", () =>
  withFolder(async (_, at) => {
    await writeFrames(at("set/walk"), GROUND_TRUTH);
    const { plugins, use } = JSON.parse(await Deno.readTextFile(BLEND));
    const absolute = plugins.map((path: string) => new URL(path, toFileUrl(BLEND)).href);
    const models = { twin: {}, other: { use: { interpolator: { name: "blend" } } } };
    await Deno.writeTextFile(at("m.json"), JSON.stringify({ plugins: absolute, use, models }));
    const common = ["--data", at("set"), "--manifest", at("m.json"), "--backend", "cpu"], report = at("report.html");
    const { json, out } = await evaluate(...common, "--model", "default,twin,other", "--html", report);
    const { scores } = json.sequences[0]!.frames[0]!;
    equal(Object.keys(scores), ["default", "twin", "other", "blend", "minterpolate"]);
    equal([scores["twin"], scores["other"]], [scores["default"], scores["default"]]);
    const page = await Deno.readTextFile(report);
    for (const name of ["default", "twin", "other"]) {
      match(page, new RegExp(`<figcaption>${name}: `));
      match(out, new RegExp(`^worst frames of ${name}$`, "m"));
    }
    // One frame, which is among the worst of all models: the source frames, then the results and their differences.
    const [, ...rows] = page.split('<div class="row">');
    equal(rows.map((row) => row.match(/<img /g)!.length), [3, 5, 5]);
    match(page, /among the worst of default, twin, other</);
    const { video } = json.sequences[0]!, missing = /vmaf: cannot measure: .* has no working filter libvmaf/;
    if (json.notes.some((note) => missing.test(note))) return equal(video, undefined);
    equal(Object.keys(video!), Object.keys(scores));
    ok(Object.values(video!).every((score) => score > 0 && score <= 100));
    equal([json.sets[0]!.video, json.videoMetric], [video, "VMAF"]);
    match(out, /VMAF.*\n/);
    match(page, /<th>VMAF<\/th>/);
  }));

Deno.test("evaluate omits a damaged sequence from the report, and exits with 1", () =>
  withFolder(async (_, at) => {
    await writeFrames(at("set/a"), GROUND_TRUTH);
    await writeFrames(at("set/b"), { ...GROUND_TRUTH, "2.png": GROUND_TRUTH["2.png"].slice(0, 500) });
    const { code, out, err } = await task("evaluate", ["--data", at("set"), "--methods", "blend"]);
    equal(code, 1, err);
    match(out, /^a +1 /m);
    match(err, /b is skipped: .*2\.png/);
    match(err.trimEnd().split("\n").at(-1)!, /1 of 2 sequences failed/);
  }));

Deno.test("evaluate exits with 2 and one line for requests that cannot be fulfilled", () =>
  withFolder(async (folder, at) => {
    await writeFrames(at("small"), { "1.png": frame(0), "2.png": frame(1) });
    await writeFrames(at("ground-truth"), GROUND_TRUTH);
    await Deno.writeTextFile(at("notes.txt"), "no video");
    const cases: [string, string[]][] = [
      ["--data must name", []],
      ["takes options only", ["--data", folder, "x"]],
      ["there is no such file or folder", ["--data", at("none"), "--methods", "blend"]],
      ["nothing to measure", ["--data", at("small"), "--methods", "blend"]],
      ["notes.txt", ["--data", at("notes.txt"), "--methods", "blend"]],
      ["--methods must be one of model, blend, minterpolate", ["--data", folder, "--methods", "rife"]],
      ["no video or folder of the same name", ["--data", folder, "--compare", at("ground-truth")]],
      ["--compare and --methods cannot be combined", [
        "--data",
        at("ground-truth"),
        "--compare",
        at("ground-truth"),
        "--methods",
        "blend",
      ]],
      ["the manifest has no model", ["--data", at("ground-truth"), "--model", "default,nonesuch"]],
      ["--model must be names of models", ["--data", at("ground-truth"), "--model", "fast,"]],
      ["--weights are those of one model", [
        ...["--data", at("ground-truth"), "--model", "fast,best", "--weights", "x.safetensors"],
      ]],
      ["--frames must be", ["--data", at("ground-truth"), "--frames", "2"]],
    ];
    for (const [message, args] of cases) {
      const { code, err } = await task("evaluate", args);
      const lines = err.trimEnd().split("\n");
      equal([code, lines.at(-1)!.includes(message)], [2, true], `${args.join(" ")}: ${err}`);
    }
  }));
