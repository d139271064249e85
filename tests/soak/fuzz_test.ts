/** A small sample of `bench/fuzz.ts`: damaged inputs of every kind give an output or a one-line error. */
import { deepStrictEqual as equal } from "node:assert/strict";
import { createToolkit, parseManifest, resolveManifest } from "@slomo/core/manifest";
import { fuzz } from "../../bench/fuzz/fuzz.ts";
import { KINDS, makeWholes } from "../../bench/fuzz/kinds.ts";
import { byCommand, inProcess } from "../../bench/fuzz/try_input.ts";
import { BLEND, inRepo, programs } from "../_tools.ts";

/** Number of inputs per kind; the bench tests 500. */
const COUNT = 5;

Deno.test("damaged inputs of every kind give an output or a one-line error", async (t) => {
  const url = new URL("../fixtures/blend.json", import.meta.url);
  const manifest = resolveManifest(parseManifest(await Deno.readTextFile(url), "blend.json"), url);
  const codecs = await (await createToolkit(manifest)).media();
  const wholes = await makeWholes(Object.keys(KINDS), (await programs()).ffmpeg);
  for (const [number, kind] of Object.keys(KINDS).entries()) {
    await t.step(kind, async () => {
      const options = { kind, wholes, from: 1000 + 100 * number, count: COUNT, attempt: inProcess(codecs) };
      const outcomes = await Array.fromAsync(fuzz(options));
      equal(outcomes.filter(({ end }) => end === "wrong"), []);
      equal(outcomes.length, COUNT);
    });
  }
});

Deno.test("damaged inputs give an output or a one-line error on the command line", async (t) => {
  const wholes = await makeWholes(["mp4", "mkv", "png", "jpg"], (await programs()).ffmpeg);
  const attempt = byCommand(inRepo("scripts/interpolate.ts"), BLEND);
  for (const kind of wholes.keys()) {
    await t.step(kind, async () => {
      const outcomes = await Array.fromAsync(fuzz({ kind, wholes, from: 2000, count: 2, attempt }));
      equal(outcomes.filter(({ end }) => end === "wrong"), []);
    });
  }
});
