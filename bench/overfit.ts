/**
 * Tests that training can overfit four samples: it must exceed 40 dB on them. `deno run -A bench/overfit.ts [DATA]
 * [--from FILE] [--steps 500] [--size 128] [--lr 1e-3] [--backend tensorflow]`. DATA is a folder of `deno task dataset`;
 * without it the samples are synthetic motion. Exits with 1 at 40 dB or below.
 */
import { BACKENDS } from "@slomo/slomo/backends";
import { drawBatch, joinSamples, type Loader, SYNTHETIC } from "@slomo/training/data";
import { chooseBackend, registerGradients } from "@slomo/engine";
import { chooseLosses, completeConfig, createLosses, createTrainNetworks, train } from "@slomo/training";
import { parseOptions } from "../scripts/_options.ts";
import { openWeightsFile, readManifest } from "../scripts/_toolkit.ts";
import { openSources } from "../scripts/train/data_sources.ts";

const SAMPLES = 4, WANTED = 40;

const { values: options, rest: [data = SYNTHETIC] } = parseOptions(Deno.args, {
  from: { kind: "path", value: "FILE", help: "Weights to start from" },
  steps: { kind: "number", min: 1, max: 1e6, value: "N", help: "Steps" },
  size: { kind: "number", min: 32, max: 1024, value: "N", help: "Pixels a side of the samples" },
  lr: { kind: "number", min: 0, max: 1, value: "RATE", help: "The highest learning rate" },
  backend: { kind: "text", value: "NAME", help: "Name of the backend" },
});
const { steps = 500, size = 128, lr: rate = 1e-3 } = options;
const fresh = options.from === undefined && { width: 0.5, flowScale: 20 };
const config = completeConfig({
  data: [data],
  from: options.from ?? null,
  steps,
  model: { flowEstimator: { ...fresh, flowLevels: [1] }, interpolator: { ...fresh } },
  flowLevels: [],
  crops: [{ size, batch: SAMPLES, weight: 1 }],
  gaps: [2],
  scales: [1],
  augment: { flipX: 0, flipY: 0, rotate: 0, reverse: 0, colors: 0 },
  schedule: { kind: "cosine", rate, warmup: Math.min(100, steps), floor: 0.02 },
  ema: 0.98,
  every: { report: 50, validate: 100, checkpoint: steps },
}, "the command line");

const { backend } = await chooseBackend(options.backend ?? "tensorflow", "train", {}, BACKENDS);
await registerGradients();
const manifest = await readManifest(),
  from = config.from === null ? undefined : await openWeightsFile(manifest, config.from);
const networks = await createTrainNetworks(manifest, config, from?.facts);
const { losses } = await createLosses(
  networks,
  chooseLosses(config, networks.toolkit),
  async (file) => (await openWeightsFile(manifest, file))!,
);

const sources = openSources(config, "train");
const validation = Array.from(
  { length: SAMPLES },
  (_, i) => drawBatch({ ...config, crops: [{ size, batch: 1, weight: 1 }] }, sources, i),
);
const batch = joinSamples(
  validation.map((one) => ({ ...one, groundTruths: [one.groundTruths], times: [...one.times] })),
  0,
  validation[0]!.source,
);
const loader: Loader = { next: () => Promise.resolve(batch), waiting: () => 0, close: () => {} };

let reached = 0;
for await (
  const event of train({
    config,
    networks,
    losses,
    loader,
    validation,
    backend: backend.name,
    from,
    createOptimizer: backend.createOptimizer,
  })
) {
  if (event.type === "report") {
    console.log(
      `step ${event.report.step} | loss ${event.report.losses["total"]!.toFixed(4)} | ${
        event.report.secondsPerStep.toFixed(2)
      } s/step`,
    );
  }
  if (event.type !== "validation") continue;
  const { scores, blend } = event.validation;
  reached = scores.psnr;
  console.log(
    `step ${event.step}: ${reached.toFixed(2)} dB, SSIM ${scores.ssim.toFixed(4)} (blend ${blend.psnr.toFixed(2)} dB)`,
  );
}
await backend.close();
Deno.exit(reached > WANTED ? 0 : 1);
