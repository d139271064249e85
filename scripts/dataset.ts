/** `deno task dataset`: cuts videos into clips for training, with an index. */
import { chooseValidation, type Clip, type ClipIndex, createDuplicateFilter, type Skipped } from "@slomo/training/data";
import { UsageError } from "@slomo/core";
import { writeFileAtomic } from "@slomo/core/files";
import { join } from "@std/path";
import { runScript, type Task, type TaskIo } from "./_cli.ts";
import { parseCommand, withFlags } from "./_options.ts";
import { openToolkit } from "./_toolkit.ts";
import { CLIPS, cutVideo, type VideoRecord } from "./dataset/cut_video.ts";
import { findVideos, type Video } from "./dataset/find_videos.ts";
import { DATASET, type DatasetCommand, datasetCommand } from "./dataset/options.ts";

/** Creates the index of all videos, sorted by name, from the records of this run and earlier ones. */
function makeIndex(
  videos: readonly Video[],
  records: readonly VideoRecord[],
  skippedSources: readonly Skipped[],
  options: DatasetCommand["options"],
): ClipIndex {
  const validation = chooseValidation(videos, options.validation), findOriginal = createDuplicateFilter();
  const clips: Clip[] = [], skipped: Skipped[] = [...skippedSources];
  videos.forEach(({ group }, i) => {
    const { clips: cut, skipped: dropped } = records[i]!;
    skipped.push(...dropped);
    for (const { fingerprint, file, source, frames, width, height, rate, start, motion } of cut) {
      const name = `${source} frames ${start} to ${start + frames - 1}`;
      const original = findOriginal(name, Uint8Array.from(fingerprint));
      if (original) {
        skipped.push({ what: name, why: `it is nearly the same as ${original}` });
        continue;
      }
      const split = validation.has(group) ? "validation" : "train";
      clips.push({ file, source, split, frames, width, height, rate, start, motion });
    }
  });
  return { version: 1, options: { ...options }, clips, skipped };
}

function summary({ clips, skipped }: ClipIndex): string {
  const count = (split: Clip["split"]) => {
    const part = clips.filter((clip) => clip.split === split);
    return `${part.length} clips of ${part.reduce((sum, { frames }) => sum + frames, 0)} frames`;
  };
  const lines = skipped.map(({ what, why }) => `skipped: ${what}: ${withFlags(why, DATASET.options)}`);
  return [...lines, `training: ${count("train")}; validation: ${count("validation")}`].join("\n");
}

async function makeDataset(command: DatasetCommand, { err, signal }: TaskIo): Promise<void> {
  const { inputs, output, options } = command;
  const toolkit = await openToolkit(command), { ffmpeg } = command;
  const { videos, skipped } = await findVideos(inputs);
  const codecs = await toolkit.media({ ffmpeg: { ffmpeg }, images: { ffmpeg } });
  await Deno.mkdir(join(output, CLIPS), { recursive: true });
  const records: VideoRecord[] = [];
  try {
    for (const [i, video] of videos.entries()) {
      signal.throwIfAborted();
      const record = await cutVideo(video, options, codecs, output, signal);
      records.push(record);
      err(`${i + 1}/${videos.length} ${video.name}: ${record.clips.length} clips`);
    }
  } finally {
    await Promise.all(codecs.map((codec) => codec.close?.()));
  }
  const index = makeIndex(videos, records, skipped, options);
  await writeFileAtomic(join(output, "index.json"), `${JSON.stringify(index, undefined, 1)}\n`);
  err(summary(index));
  if (index.clips.length === 0) {
    throw new UsageError(`${output} has no clips: all videos were skipped, for the reasons above`);
  }
}

/** The task `dataset`. */
export const dataset: Task = {
  commands: [DATASET],
  async run(args, io) {
    const parsed = parseCommand(DATASET, args, io);
    if (parsed) await makeDataset(datasetCommand(parsed), io);
  },
};

if (import.meta.main) await runScript(dataset);
