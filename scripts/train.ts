/** `deno task train`: trains the networks. */
import { BACKENDS } from "@slomo/slomo/backends";
import { createLoader, type LoaderWorker } from "@slomo/training/data";
import { chooseBackend, registerGradients } from "@slomo/engine";
import { chooseLosses, createLosses, createTrainNetworks, train, type TrainConfig } from "@slomo/training";
import { runScript, type Task, type TaskIo } from "./_cli.ts";
import { parseCommand } from "./_options.ts";
import { openToolkit, openWeightsFile } from "./_toolkit.ts";
import { openSources } from "./train/data_sources.ts";
import { openEventLog } from "./train/event_log.ts";
import { writeResults } from "./train/write_results.ts";
import type { LoaderSetup } from "./train/loader_worker.ts";
import { TRAIN, type TrainCommand, trainCommand } from "./train/options.ts";
import { createTrainReporter } from "./train/reporter.ts";
import { BEST, openRunFolder, readCheckpoint, removeRun, requireNoRun } from "./train/run_folder.ts";
import { validationBatches } from "./train/validation_data.ts";

function startLoaders(config: TrainConfig, count: number): LoaderWorker[] {
  const setup: LoaderSetup = { config };
  return Array.from({ length: count }, () => {
    const worker = new Worker(new URL("./train/loader_worker.ts", import.meta.url), { type: "module" });
    worker.postMessage(setup);
    return worker;
  });
}

async function runTraining(command: TrainCommand, io: TaskIo): Promise<void> {
  const { out, resume } = command, report = createTrainReporter(command.json, io), { signal } = io;
  const checkpoint = resume ? await readCheckpoint(out, report.note) : undefined;
  if (checkpoint && command.given.length > 0) {
    report.note(`a resumed run keeps its settings; not used: ${command.given.join(", ")}`);
  }
  if (!resume && !command.overwrite) await requireNoRun(out);
  const toolkit = await openToolkit(command);
  const config = checkpoint?.facts.config ?? { ...command.settings, losses: chooseLosses(command.settings, toolkit) };

  const { backend, passedOver } = await chooseBackend(command.backend, "train", {
    device: command.device,
    precision: config.precision,
  }, BACKENDS);
  for (const { name, reason } of passedOver) report.note(`${name} is not used: ${reason}`);
  report.note(`training on ${backend.name} (${backend.device})`);
  await registerGradients();

  const from = config.from === null || checkpoint ? undefined : await openWeightsFile(toolkit.manifest, config.from);
  const facts = checkpoint?.facts.weights ?? from?.facts,
    { manifest } = toolkit.forWeights(facts, checkpoint || config.from ? [] : undefined);
  const networks = await createTrainNetworks(manifest, config, facts);
  for (const { asked, trained } of networks.replaced) {
    report.note(`${asked} is trained from given weights only (\`from\`); ${trained} is trained in its place`);
  }
  const read = async (location: string) => (await openWeightsFile(manifest, location))!;
  const { losses, leftOut } = await createLosses(networks, config.losses, read);
  for (const { name, why } of leftOut) report.note(`the loss "${name}" is not used: ${why}`);

  // The loaders open the data sets too, but errors and remarks come before work starts.
  openSources(config, "train", report.note);
  const validation = validationBatches(config);
  const workers = startLoaders(config, command.loaders), loader = createLoader(workers, checkpoint?.facts.batches ?? 0);
  await using _lock = await openRunFolder(out);
  if (!checkpoint) await removeRun(out);
  const log = await openEventLog(out);
  const onStop = () => report.note("stopping after this step, with a checkpoint");
  signal.addEventListener("abort", onStop);
  try {
    const training = { data: config.data, schedule: config.schedule, seed: config.seed };
    const { name, createOptimizer } = backend;
    const job = {
      config,
      networks,
      losses,
      loader,
      validation,
      backend: name,
      createOptimizer,
      checkpoint,
      from,
      training,
    };
    for await (const event of train({ ...job, signal })) {
      await writeResults(out, log, event);
      report.event(event);
    }
    report.note(signal.aborted ? `stopped; --resume continues from ${out}` : `done: ${out}/${BEST}`);
  } finally {
    signal.removeEventListener("abort", onStop);
    log.close();
    loader.close();
    await backend.close();
  }
}

/** The task `train`. */
export const trainTask: Task = {
  commands: [TRAIN],
  async run(args, io) {
    const parsed = parseCommand(TRAIN, args, io);
    if (parsed) await runTraining(await trainCommand(parsed), io);
  },
};

if (import.meta.main) await runScript(trainTask);
