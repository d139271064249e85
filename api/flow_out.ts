import type { encode as encodePng } from "fast-png";
import { encodeFlo, flowImage } from "@slomo/core/frames";
import type { Frame, Image } from "@slomo/core";
import { createFolder, writeError } from "@slomo/core/files";
import { join } from "@std/path";

function colorPng(encode: typeof encodePng, { width, height, planes }: Image): Uint8Array {
  const data = new Uint8Array(3 * width * height);
  planes.forEach((plane, channel) => plane.forEach((value, i) => data[3 * i + channel] = value));
  return encode({ width, height, channels: 3, data });
}

/**
 * Returns a function that writes the flow and visibility of interpolated frames into a folder: `NNNNN_to_first.flo`, its
 * image in the Middlebury color code, the same to the second frame, and `NNNNN_visibility.png`. NNNNN is the number of the
 * output frame, from 1.
 *
 * @throws {UsageError} If the folder cannot be created.
 */
export async function createFlowWriter(folder: string): Promise<(frame: Frame, index: number) => Promise<void>> {
  // Loaded only here: few runs need it.
  const { encode } = await import("fast-png");
  await createFolder(folder, "flowOut");
  const write = async (path: string, bytes: Uint8Array) => {
    await Deno.writeFile(path, bytes).catch((error) => Promise.reject(writeError(path, error)));
  };
  return async ({ image: { width, height }, facts }, index) => {
    const details = facts.interpolated?.details;
    if (details === undefined) return;
    const name = (kind: string) => join(folder, `${String(index + 1).padStart(5, "0")}_${kind}`);
    const flows = [["to_first", details.flowToFirst], ["to_second", details.flowToSecond]] as const;
    for (const [kind, values] of flows) {
      const flow = { width, height, values };
      await write(name(`${kind}.flo`), encodeFlo(flow));
      await write(name(`${kind}.png`), colorPng(encode, flowImage(flow)));
    }
    const visibility = Uint8Array.from(details.visibility, (value) => Math.round(255 * value));
    await write(name("visibility.png"), encode({ width, height, channels: 1, data: visibility }));
  };
}
