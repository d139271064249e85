/** Makes the videos that the benchmark interpolates. */
import { JobError } from "@slomo/core";
import { join } from "@std/path";
import type { Size } from "./options.ts";

/** Makes clips of one size. */
export interface Clips {
  /** Returns the path of a new clip of `frames` frames. Its name is new, so that nothing is cached about it. */
  make(frames: number): Promise<string>;
}

/** Opens clips of one size in a folder. */
export function openClips(ffmpeg: string, folder: string, [width, height]: Size, signal: AbortSignal): Clips {
  const templates = new Map<number, string>();
  let count = 0;

  async function encode(frames: number): Promise<string> {
    const file = join(folder, `${width}x${height}-${frames}.mp4`);
    const source = ["-v", "error", "-f", "lavfi", "-i", `testsrc2=s=${width}x${height}:r=25`, "-frames:v", `${frames}`];
    const command = new Deno.Command(ffmpeg, { args: [...source, "-pix_fmt", "yuv420p", file], signal });
    const { success, stderr } = await command.output();
    signal.throwIfAborted();
    if (success) return file;
    throw new JobError(`bench: cannot make a clip: ${new TextDecoder().decode(stderr).trim()}`, {
      code: "program-failed",
    });
  }

  return {
    async make(frames) {
      const template = templates.get(frames) ?? await encode(frames),
        file = template.replace(".mp4", `-${count++}.mp4`);
      templates.set(frames, template);
      await Deno.copyFile(template, file);
      return file;
    },
  };
}
