import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { parseInterpolate } from "../../scripts/interpolate/options.ts";
import { rational } from "@slomo/core/time";
import {
  commandLine,
  completeName,
  flagsOfSettings,
  FORM,
  formGroups,
  labelOf,
  outputOf,
  readSettings,
  resultName,
  settingProblems,
  withLabels,
  withPreset,
} from "./settings.ts";
import type { Settings } from "./types.ts";

Deno.test("the form has the options of the command, except those that name files and programs of the machine", () => {
  const names = Object.keys(FORM);
  for (const name of ["factor", "fps", "cuts", "encoder", "model", "tile", "overwrite", "inputFps"]) {
    ok(names.includes(name));
  }
  for (const name of ["manifest", "weights", "modelsUrl", "ffmpeg", "retime", "pairs", "resume"]) {
    ok(!names.includes(name), name);
  }
  equal([...formGroups().keys()], ["Frames and time", "Content", "Output", "Model and backend", "Input"]);
});

Deno.test("readSettings() reads values as the command line does", () => {
  const { convert, model } = readSettings({
    factor: "5/2",
    slowMotion: true,
    cuts: "30",
    crf: "18",
    tile: "0",
    model: "",
  });
  equal({ ...convert }, { factor: rational(5, 2), slowMotion: true, cuts: { threshold: 30 }, crf: 18 });
  equal({ ...model }, { tile: 0 });
  equal(readSettings({ cuts: false }).convert, { cuts: false });
  equal({ ...readSettings({ slow: "0:01-0:02=8, 3-4=2" }).convert }, { slow: ["0:01-0:02=8", "3-4=2"] });
  equal(flagsOfSettings({ slow: "1-2=8,3-4=2" }), ["--slow", "1-2=8,3-4=2"]);
});

Deno.test("a speed curve is passed on as keyframes, and as a file in the command", () => {
  const retime = { speed: [{ at: 0, speed: 0.5 }] }, settings = { retime: JSON.stringify(retime) };
  equal({ ...readSettings(settings).convert }, { retime });
  equal(settingProblems(settings).size, 0);
  equal([...settingProblems({ ...settings, factor: "2", slow: "1-2=4" }).keys()], ["factor", "slow"]);
  equal(
    commandLine("my/clip.mp4", "out.mp4", settings),
    "deno task interpolate my/clip.mp4 out.mp4 --retime clip-curve.json",
  );
  equal(resultName("clip.mp4", settings, "mp4"), "clip-retimed.mp4");
  equal(withLabels("`retime`: the keyframes"), "“Speed curve”: the keyframes");
});

Deno.test("settingProblems() names the option of each problem, and unknown and dangerous options are refused", () => {
  const problems = settingProblems({ factor: "1", fps: "60", crf: "99", audio: "loud", start: "", keepStill: "yes" });
  equal([...problems.keys()], ["factor", "fps", "crf", "audio", "keepStill"]);
  ok(problems.get("fps")!.includes("cannot be combined"));
  const attacks: Settings[] = [
    { ffmpeg: "/bin/sh" },
    { manifest: "https://evil.example/slomo.json" },
    { weights: "/etc/passwd" },
    { retime: "/etc/passwd" },
    { retime: '"/etc/passwd"' },
    { retime: '["/etc/passwd"]' },
    { retime: true },
    { toString: "x" },
    { encoder: true },
    { overwrite: "1" },
  ];
  for (const attack of attacks) throws(() => readSettings(attack), { name: "UsageError" }, JSON.stringify(attack));
});

Deno.test("presets fill in the form, and what is given takes precedence", () => {
  equal(withPreset({}, "slow-motion"), { factor: "4", slowMotion: true });
  equal(withPreset({ factor: "8" }, "slow-motion"), { factor: "8", slowMotion: true });
  equal(withPreset({ fps: "60" }, "slow-motion"), { fps: "60", slowMotion: true });
});

Deno.test("commandLine() is a command that means the same", () => {
  const settings = {
    factor: "4",
    slowMotion: true,
    cuts: false,
    encoder: "libx264",
    crf: "18",
    model: "fast",
    start: "",
  };
  const line = commandLine("my clip's.mp4", "out.mkv", settings, ["--workers", "2"]);
  equal(
    line,
    "deno task interpolate 'my clip'\\''s.mp4' out.mkv --factor 4 --slow-motion --no-cuts --codec libx264 --crf 18 " +
      "--model fast --workers 2",
  );
  const { videos, options } = parseInterpolate([
    "my clip's.mp4",
    ...line.slice(line.indexOf("out.mkv")).split(" "),
  ]);
  equal(videos, { input: "my clip's.mp4", output: "out.mkv" });
  const { convert, model } = readSettings(settings);
  for (const [name, value] of Object.entries({ ...convert, ...model })) {
    equal((options as Readonly<Record<string, unknown>>)[name], value, name);
  }
});

Deno.test("completeName() adds the extension of the format to a name that has none", () => {
  const mp4 = (typed: string) => completeName(typed, "mp4");
  equal(["final", "v1.2", "take 2.", "a.mkv", "clip.3gp", " b ", ".hidden", "sub/c"].map(mp4), [
    ...["final.mp4", "v1.2.mp4", "take 2.mp4", "a.mkv", "clip.3gp", "b.mp4", "hidden.mp4", "c.mp4"],
  ]);
  equal(["", "   ", "sub/", "sub\\", "..."].map(mp4), Array(5).fill(undefined));
  equal([completeName("final", "webm"), completeName("final", "png")], ["final.webm", "final"]);
  equal([mp4("summer.2024"), mp4("clip-2.5x")], ["summer.2024.mp4", "clip-2.5x.mp4"]);
  equal(outputOf(resultName("clip.mp4", { factor: "2.5" }, "png")), "clip-2.5x/%05d.png");
});

Deno.test("names, labels and messages are made for people", () => {
  equal(resultName("clip.mp4", {}, "mp4"), "clip-2x.mp4");
  equal(resultName("clip.final.mov", { factor: "5/2", slowMotion: true }, "mkv"), "clip.final-5-2x-slow.mkv");
  equal(resultName("frames", { fps: "60" }, "png"), "frames-60fps");
  equal(resultName("clip.mp4", { slow: "1-2=4", fps: "60" }, "mp4"), "clip-retimed.mp4");
  equal(["clip.mp4", "clip.final", "50%"].map(outputOf), ["clip.mp4", "clip.final/%05d.png", "50%/%05d.png"]);
  equal([labelOf("slowMotion"), labelOf("crf"), labelOf("fps")], ["Slow motion", "CRF", "FPS"]);
  equal(withLabels("set `keepStill`, not `nothing`"), "set “Keep still”, not `nothing`");
});
