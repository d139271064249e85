/** Opens the data sources of a run, in the worker that draws samples from them. */
import { fileReasonOf, JobError, UsageError } from "@slomo/core";
import {
  type Clip,
  clipSource,
  clipTextures,
  describeShortClips,
  drawProceduralTexture,
  parseClipIndex,
  parseMixturePart,
  type ReadClip,
  SYNTHETIC,
  syntheticSource,
  type WeightedSource,
} from "@slomo/training/data";
import type { TrainConfig } from "@slomo/training";
import { basename, join } from "@std/path";

/** Clips of a data set, with a function that reads their files. */
interface DataSet {
  readonly clips: readonly Clip[];
  readonly read: ReadClip;
}

function openFolder(folder: string, split: Clip["split"]): DataSet {
  const path = join(folder, "index.json");
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw new UsageError(
      `${folder} is not a data set: ${path}: ${fileReasonOf(error)}; create one with \`deno task dataset\``,
      { code: "invalid-dataset" },
    );
  }
  const files = new Map<string, Deno.FsFile>();
  const read: ReadClip = ({ file }, offset, into) => {
    let open = files.get(file);
    if (open === undefined) files.set(file, open = Deno.openSync(join(folder, file)));
    open.seekSync(offset, Deno.SeekMode.Start);
    for (let at = 0; at < into.length;) {
      const count = open.readSync(into.subarray(at));
      if (count === null) {
        throw new JobError(`${join(folder, file)} is shorter than its index says; run \`deno task dataset\` again`, {
          code: "input-damaged",
        });
      }
      at += count;
    }
  };
  return { clips: parseClipIndex(text, path).clips.filter((clip) => clip.split === split), read };
}

/** Combines the clips of several data sets. */
function joinFolders(folders: readonly DataSet[]): DataSet {
  const owner = new Map(folders.flatMap(({ clips, read }) => clips.map((clip) => [clip, read] as const)));
  return { clips: [...owner.keys()], read: (clip, offset, into) => owner.get(clip)!(clip, offset, into) };
}

/**
 * Opens the data sources of a configuration.
 *
 * @param split Split of the data sets to use.
 * @param onNote Receives remarks on clips that are too short for some gaps.
 * @throws {UsageError} If a data set does not exist, or none of its clips is usable with the settings.
 */
export function openSources(
  config: TrainConfig,
  split: Clip["split"],
  onNote?: (message: string) => void,
): WeightedSource[] {
  const parts = config.data.map(parseMixturePart);
  const folders = parts.filter(({ location }) => location !== SYNTHETIC)
    .map((part) => ({ ...part, folder: openFolder(part.location, split) }))
    .filter(({ folder }) => split === "train" || folder.clips.length > 0);
  for (const { location, folder } of folders) {
    const short = describeShortClips(folder.clips, config.gaps);
    if (short !== undefined) onNote?.(`${basename(location)}: ${short}`);
  }
  const textures = joinFolders(folders.map(({ folder }) => folder));
  const drawTexture = textures.clips.length > 0 ? clipTextures(textures.clips, textures.read) : drawProceduralTexture;
  const real = folders.map(({ location, weight, folder }): WeightedSource => ({
    name: basename(location),
    weight,
    source: clipSource(folder.clips, folder.read, config),
  }));
  const synthetic = parts.filter(({ location }) => location === SYNTHETIC).map(({ weight }): WeightedSource => ({
    name: SYNTHETIC,
    weight,
    source: syntheticSource(drawTexture, { translation: config.translation }),
  }));
  return [...real, ...synthetic];
}
