/** One video on several devices of a machine, with a process per device. CPUs stand in for GPUs. */
import { deepStrictEqual as equal, match } from "node:assert/strict";
import { devicesOf } from "../scripts/interpolate/devices.ts";
import { ffmpeg, inRepo, list, task, withFolder } from "./_tools.ts";

const OPTIONS = ["--manifest", inRepo("tests/fixtures/long_segments.json"), "--backend", "onnx", "--workers", "1"];

const run = (...args: readonly string[]) => task("interpolate", [...args, ...OPTIONS]);

Deno.test("devicesOf() reads lists of devices, and gives each process of CUDA one GPU", () => {
  equal(devicesOf(undefined), undefined);
  equal(devicesOf("cuda"), undefined);
  equal(devicesOf("cuda:0, cuda:3,cpu"), [
    { name: "cuda:0", device: "cuda", env: { CUDA_VISIBLE_DEVICES: "0" } },
    { name: "cuda:3", device: "cuda", env: { CUDA_VISIBLE_DEVICES: "3" } },
    { name: "cpu", device: "cpu", env: {} },
  ]);
});

Deno.test("several devices make the bytes of one, and go on if one of them fails", async (t) => {
  await withFolder(async (folder, at) => {
    const input = at("in.mp4"), left = async () => (await list(folder)).filter((name) => name.includes("segments"));
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x36:r=24:d=2", "-pix_fmt", "yuv420p", input);
    const one = await run(input, at("one.mp4"), "--device", "cpu");
    equal(one.code, 0, one.err);
    const expected = await Deno.readFile(at("one.mp4"));
    await t.step("two devices", async () => {
      const two = await run(input, at("two.mp4"), "--device", "cpu,cpu", "--json");
      equal(two.code, 0, two.err);
      equal(await Deno.readFile(at("two.mp4")), expected);
      const facts = two.out.trim().split("\n").map((line) => JSON.parse(line));
      const summary = (err: string) => /(\d+ frames, \d+ of them interpolated.*)$/m.exec(err)![1];
      equal(summary(two.err), summary(one.err));
      equal(facts.findLast(({ type }) => type === "frame").done, 96);
      equal(await left(), []);
    });
    await t.step("a device that fails", async () => {
      const { code, err } = await run(input, at("failing.mp4"), "--device", "cpu,abacus");
      equal(code, 0, err);
      match(
        err,
        /^slomo: warning: device abacus: .*device "abacus": there is no such device.*; the other devices continue$/m,
      );
      equal(await Deno.readFile(at("failing.mp4")), expected);
    });
    await t.step("no device works", async () => {
      const { code, err } = await run(input, at("none.mp4"), "--device", "abacus,slide-rule");
      equal(code, 1);
      match(
        err,
        /^slomo: no device could make the segments: [^\n]*device "(abacus|slide-rule)": [^\n]*; (abacus|slide-rule): [^\n]*\n$/m,
      );
      equal(await left(), []);
    });
    await t.step("an interrupted run", async () => {
      const controller = new AbortController();
      const onLine = (line: string) => {
        if (JSON.parse(line).done >= 50) controller.abort();
      };
      const args = [input, at("later.mp4"), "--device", "cpu,cpu", ...OPTIONS, "--json"];
      const stopped = await task("interpolate", args, { signal: controller.signal, onLine });
      equal(stopped.code, 130, stopped.err);
      match(stopped.err, /the [123] of 4 segments finished so far are kept in .*later\.mp4\.segments; set --resume/);
      const again = await run(input, at("later.mp4"), "--device", "cpu,cpu");
      equal(again.code, 2);
      match(again.err, /later\.mp4\.segments: has segments of an interrupted run; set --resume to use them/);
      const resumed = await run(input, at("later.mp4"), "--device", "cpu,cpu", "--resume");
      equal(resumed.code, 0, resumed.err);
      match(resumed.err, /continuing after the [123] segments/);
      equal(await Deno.readFile(at("later.mp4")), expected);
      equal(await left(), []);
    });
  });
});
