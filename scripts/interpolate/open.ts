import { type DownloadProgress, openSlomo, type Slomo } from "@slomo/slomo";
import { memoryLimit } from "../_memory.ts";
import { readManifest } from "../_toolkit.ts";
import { devicesOf } from "./devices.ts";
import type { InterpolateCommand } from "./options.ts";

/** Opens slomo with the options of a command line. `onNote` receives the chosen backend, device and tiles when the model is opened. */
export async function openFor(
  { options }: Pick<InterpolateCommand, "options">,
  onNote: (message: string) => void,
): Promise<Slomo> {
  const manifest = await readManifest(options);
  let downloading: string | undefined;
  const onDownload = ({ file, total }: DownloadProgress) => {
    if (downloading !== file) onNote(`downloading ${file} (${Math.round(total / 1e6)} MB)`);
    downloading = file;
  };
  // This process uses the first of several devices, for `plan`.
  const device = devicesOf(options.device)?.[0]?.device ?? options.device;
  return await openSlomo({
    ...options,
    device,
    manifest,
    model: undefined,
    memoryLimit: memoryLimit(),
    onNote,
    onDownload,
  });
}
