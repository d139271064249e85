import { openSlomo, type Slomo } from "@slomo/slomo";
import { memoryLimit } from "../_memory.ts";
import { readManifest } from "../_toolkit.ts";
import type { InterpolateCommand } from "./options.ts";

/**
 * Opens slomo as a command line asks for it. `note` is told what was chosen, when the first video needs the model.
 *
 * @throws {UsageError} If the manifest or an option is wrong, or nobody agrees to load a plugin.
 */
export async function openSession(command: InterpolateCommand, note: (message: string) => void): Promise<Slomo> {
  return await openSlomo({
    manifest: await readManifest(command),
    weights: command.weights,
    backend: command.backend,
    device: command.device,
    precision: command.precision,
    workers: command.workers,
    tile: command.tile,
    overlap: command.overlap,
    flowScale: command.flowScale,
    memoryLimit: memoryLimit(),
    inputFps: command.inputFps,
    ffmpeg: command.ffmpeg,
    onNote: note,
  });
}
