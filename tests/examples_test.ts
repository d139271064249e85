/** The example plugins in the tasks, by their manifests only. */
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { encode } from "fast-png";
import { type Ended, inRepo, NO_WORKERS, task, withFolder } from "./_tools.ts";

const FLOW = inRepo("examples/classic-flow/slomo.json"), LOSS = inRepo("examples/census-loss/slomo.json");
const WIDTH = 96, HEIGHT = 64;

/** Returns a textured square over another texture, `at` pixels from the left. */
function imageAt(at: number): Uint8Array {
  const data = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => {
    const x = Math.floor(i / 3) % WIDTH, y = Math.floor(i / (3 * WIDTH)), c = i % 3, u = x - at;
    const isSquare = u >= 0 && u < 28 && y >= 18 && y < 46;
    return isSquare
      ? 170 + 60 * Math.sin(0.4 * u + c) * Math.cos(0.35 * y)
      : 90 + 50 * Math.sin(0.4 * x - c) * Math.sin(0.5 * y + c);
  });
  return encode({ width: WIDTH, height: HEIGHT, channels: 3, data });
}

async function writeVideo(folder: string): Promise<string> {
  await Deno.mkdir(folder);
  for (const i of [0, 1, 2]) await Deno.writeFile(`${folder}/${i}.png`, imageAt(20 + 4 * i));
  return folder;
}

const interpolate = (...args: string[]) =>
  task("interpolate", [...args, "--factor", "2", "--backend", "wasm", ...NO_WORKERS]);

const fine = ({ code, err }: Ended) => equal(code, 0, err);

/** Returns the PSNR of the model and of blending, in dB. */
async function scores(video: string, json: string, args: readonly string[]): Promise<{ model: number; blend: number }> {
  const names = ["--data", video, "--methods", "model,blend", "--json", json];
  fine(await task("evaluate", [...names, "--backend", "wasm", ...args]));
  const { model, blend } = JSON.parse(await Deno.readTextFile(json)).sets[0].mean;
  return { model: model.psnr, blend: blend.psnr };
}

Deno.test("the example flow backbone interpolates moving content far better than blending", () =>
  withFolder(async (_, at) => {
    const video = await writeVideo(at("video"));
    fine(await interpolate(video, at("out"), "--manifest", FLOW));
    equal([...Deno.readDirSync(at("out"))].length, 5);
    const { model, blend } = await scores(video, at("scores.json"), ["--manifest", FLOW]);
    ok(model > blend + 3, `${model} dB, blending ${blend} dB`);
  }));

Deno.test("the example loss trains a model on the example flow backbone, which then interpolates and is evaluated", () =>
  withFolder(async (_, at) => {
    const video = await writeVideo(at("video"));
    const small = {
      ...{ preset: "quick", steps: 2, crops: [{ size: 32, batch: 1, weight: 1 }] },
      ...{ every: { report: 1, validate: 2, checkpoint: 2 }, validation: { samples: 1, size: 32 } },
    };
    await Deno.writeTextFile(at("small.json"), JSON.stringify(small));
    const settings = ["--config", at("small.json"), "--manifest", LOSS, "--backend", "wasm", "--json"];
    const trained = await task("train", ["synthetic", ...settings, "--out", at("run")]);
    fine(trained);
    const reports = trained.out.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
    ok(JSON.stringify(reports).includes('"census"'), trained.out);
    const weights = ["--manifest", LOSS, "--weights", at("run/best.safetensors")];
    fine(await interpolate(video, at("out"), ...weights));
    ok((await scores(video, at("scores.json"), weights)).model > 10);
  }));

Deno.test("training rejects parts without weights", () =>
  withFolder(async (_, at) => {
    const { code, err } = await task("train", [
      "synthetic",
      "--quick",
      "--manifest",
      FLOW,
      "--backend",
      "wasm",
      "--out",
      at("run"),
    ]);
    equal(code, 2);
    ok(/nothing to train/.test(err), err);
  }));
