import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { BACKENDS } from "@slomo/slomo/backends";
import { type FrameInput, openSlomo, type SlomoOptions, UsageError } from "@slomo/slomo";
import { fromFileUrl } from "@std/path";

const blend = new URL("../tests/fixtures/blend.json", import.meta.url);
const open = (options: SlomoOptions = {}) => openSlomo({ manifest: blend, backend: "cpu", workers: 1, ...options });
const gray = (value: number, time?: number): FrameInput => ({
  width: 16,
  height: 8,
  data: new Uint8ClampedArray(4 * 16 * 8).map((_, i) => i % 4 === 3 ? 255 : value),
  ...time !== undefined && { time },
});

Deno.test("Slomo.frames() interpolates RGBA frames of the caller, from any iterable", async () => {
  await using slomo = await open({ inputFps: 10 });
  for (
    const source of [
      [gray(0), gray(100)],
      (async function* () {
        yield* [gray(0), gray(100)];
      })(),
    ]
  ) {
    const frames = await Array.fromAsync(slomo.frames(source, { factor: "5/2", cuts: false }));
    equal(frames.map(({ time }) => Number(time.toFixed(3))), [0, 0.04, 0.08, 0.12, 0.16]);
    equal(frames.map(({ t }) => t), [undefined, 0.4, 0.8, undefined, undefined]);
    equal(frames.slice(0, 3).map((frame) => [...frame.toRgba().data.slice(0, 4)]), [
      [0, 0, 0, 255],
      [40, 40, 40, 255],
      [80, 80, 80, 255],
    ]);
    equal(frames.map(({ isInterpolated }) => isInterpolated), [false, true, true, false, false]);
  }
});

Deno.test("Slomo.frames() keeps the times of frames, and processes a part of them", async () => {
  await using slomo = await open();
  const source = [gray(0, 1), gray(10, 1.5), gray(20, 3), gray(30, 4)];
  const times = async (options: Parameters<typeof slomo.frames>[1]) =>
    (await Array.fromAsync(slomo.frames(source, { cuts: false, ...options }))).map(({ time }) => time);
  equal(await times({ factor: 2 }), [1, 1.25, 1.5, 2.25, 3, 3.5, 4, 4.5]);
  equal(await times({ factor: 2, start: 0.5, end: 3 }), [1.5, 2.25, 3, 3.75]);
  equal(await times({ factor: 2, slowMotion: true, end: "0:01" }), [1, 1.5, 2, 2.5]);
});

Deno.test("Slomo.frames() returns flow only if requested, stops when aborted, and closes its source", async () => {
  await using slomo = await open();
  let closed = 0;
  const source = async function* () {
    try {
      for (let i = 0; i < 100; i++) yield gray(i);
    } finally {
      closed++;
    }
  };
  for await (const frame of slomo.frames(source(), { cuts: false })) if (frame.isInterpolated) break;
  equal(closed, 1);
  const controller = new AbortController(), reason = new Error("enough");
  await rejects(async () => {
    for await (const _ of slomo.frames(source(), { cuts: false, signal: controller.signal })) controller.abort(reason);
  }, reason);
  equal(closed, 2);
});

Deno.test("openSlomo() and its methods reject wrong options by their API names, not flags", async () => {
  await using slomo = await open();
  const refused = async (work: () => Promise<unknown>, option: string, code = "invalid-option") =>
    await rejects(work, (error) => {
      ok(error instanceof UsageError);
      equal([error.option, error.code], [option, code]);
      ok(!error.message.includes("--"), error.message);
      return true;
    });
  const frames = (options: Parameters<typeof slomo.frames>[1]) => () =>
    Array.fromAsync(slomo.frames([gray(0)], options));
  await refused(frames({ factor: 2, fps: 60 }), "fps");
  await refused(frames({ start: "soon" }), "start");
  await refused(() => openSlomo({ manifest: "/nowhere/slomo.json" }), "manifest", "input-not-found");
  await refused(() => openSlomo({ model: "none" }), "model", "unknown-model");
  await rejects(
    slomo.convert("/nowhere.mp4", "/nowhere/out.mp4", { factor: 2 }),
    (error) => error instanceof UsageError && error.code === "input-not-found",
  );
});

Deno.test("Slomo.convert() writes a file, reports progress, and does not replace an existing file", async () => {
  const folder = await Deno.makeTempDir({ prefix: "slomo-api-" });
  try {
    await using slomo = await open();
    const clip = fromFileUrl(new URL("../examples/clip.mp4", import.meta.url)), output = `${folder}/out.mp4`;
    const seen: string[] = [];
    const summary = await slomo.convert(clip, output, { factor: 2, end: 0.2, onEvent: ({ type }) => seen.push(type) });
    equal([summary.read, summary.written, summary.interpolated], [5, 10, 4]);
    ok(seen.filter((type) => type === "frame").length === 10);
    await rejects(slomo.convert(clip, output, { end: 0.2 }), { name: "UsageError", message: /exists/ });
    const { survey } = await slomo.plan(clip, `${folder}/other.mp4`, { fps: "60", end: 0.2 });
    equal([survey.sourceFrames, survey.outputFrames], [5, 13]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("BACKENDS lists each backend once, with the module that exports it", async () => {
  equal(BACKENDS.map(({ name }) => name).sort(), ["cpu", "onnx", "tensorflow", "wasm", "webgpu"]);
  for (const backend of BACKENDS) equal((await import(backend.module)).default, backend);
});

Deno.test("openSlomo() takes the selection of a GPU from its caller, and asks it if no backend is named", async () => {
  const notes: string[] = [], sizes: unknown[] = [];
  const selectDevice: SlomoOptions["selectDevice"] = ({ frame }) => {
    sizes.push(frame);
    return Promise.resolve({ chosen: { backend: "onnx", device: "cpu" }, note: "chose it" });
  };
  const run = async (backend: string | undefined) => {
    await using slomo = await open({ backend, selectDevice, workers: 0, onNote: (note) => notes.push(note) });
    await Array.fromAsync(slomo.frames([gray(0), gray(100)], { factor: 2, cuts: false }));
  };
  await run(undefined);
  equal([sizes, notes[0]], [[{ width: 16, height: 8 }], "chose it"]);
  ok(/^computing on onnx \(CPU/.test(notes[1]!), notes[1]);
  await run("cpu");
  equal([sizes.length, notes.length], [1, 3]);
});
