import { createToolkit, parseManifest, resolveManifest } from "@slomo/core/manifest";
import { interpolate } from "@slomo/core/video";
import { openEngine } from "@slomo/engine";
import { rational } from "@slomo/core/time";
import { readWeights } from "@slomo/weights";

// A manifest says which plugins there are; its weights are a file beside it.
const url = new URL("../slomo.json", import.meta.url);
const manifest = resolveManifest(parseManifest(await Deno.readTextFile(url), "slomo.json"), url);
const weights = await readWeights((await Deno.open(new URL(manifest.weights!))).readable, "slomo-half");

// Frames come from a codec, a camera, anything: an AsyncIterable<Frame>.
const { source } = (await createToolkit(manifest).then((toolkit) => toolkit.codecs())).at(-1)!;
const video = await source!.probe(Deno.args[0]!);
const frames = source!.read(video, { end: rational(1, 8) });

// Four times slower: three frames are made between each two.
const { engine } = await openEngine({ manifest, weights, backend: "wasm" });
const factor = rational(4);
for await (const frame of interpolate(frames, { engine, sampling: { kind: "factor", factor }, slowdown: factor })) {
  const { width, height } = frame.image;
  console.log(
    `${frame.pts} × ${frame.timebase.num}/${frame.timebase.den} s: ${width}×${height}, t = ${
      frame.facts.interpolated?.t ?? 0
    }`,
  );
}
await engine.close();
