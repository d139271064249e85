/** Measures a model and the pipeline on synthetic patterns. */
import type { Frame, Image, PairEngine } from "@slomo/core";
import { rational } from "@slomo/core/time";
import { interpolate } from "@slomo/core/video";
import { drawScene, lumaPsnr, type Scene } from "../../core/frames/patterns/_testing.ts";

/** PSNR of the frame between the two frames of a scene, in dB. */
export interface SceneResult {
  /** The scene. */
  readonly scene: Scene;
  /** That of the model alone. */
  readonly model: number;
  /** That of the pipeline. */
  readonly pipeline: number;
  /** That of the mean of the source frames. */
  readonly blending: number;
}

/** Yields two frames. */
async function* framesOf(images: readonly Image[]): AsyncGenerator<Frame> {
  for (const [index, image] of images.entries()) {
    yield { pts: BigInt(index), timebase: rational(1, 25), image, facts: {} };
  }
}

/** Measures scenes one after another. */
export async function* measureScenes(engine: PairEngine, scenes: readonly Scene[]): AsyncGenerator<SceneResult> {
  for (const scene of scenes) {
    const [first, second, truth] = [0, 1, 0.5].map((time) => drawScene(scene, time)) as [Image, Image, Image];
    let own: Image | undefined;
    const recording: PairEngine = {
      ...{ backend: engine.backend, device: engine.device, parallel: engine.parallel, close: () => engine.close() },
      run: async (job, signal) => {
        const result = await engine.run(job, signal);
        own = result.images[0];
        return result;
      },
    };
    const sampling = { kind: "factor", factor: rational(2) } as const;
    const options = { engine: recording, sampling, cuts: false, duplicates: "keep", holdLast: false } as const;
    let whole = first;
    for await (const { facts, image } of interpolate(framesOf([first, second]), options)) {
      if (facts.interpolated) whole = image;
    }
    const luma = first.planes[0]!.map((value, i) => Math.round((value + second.planes[0]![i]!) / 2));
    const blended = { ...first, planes: [luma, ...first.planes.slice(1)] };
    yield {
      scene,
      // The pipeline does not ask the model about equal frames.
      model: lumaPsnr(own ?? first, truth),
      pipeline: lumaPsnr(whole, truth),
      blending: lumaPsnr(blended, truth),
    };
  }
}
