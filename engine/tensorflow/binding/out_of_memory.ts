import type { Device } from "./context.ts";
import type { TensorflowError } from "./errors.ts";

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MB`;

/**
 * Says what did not fit on which device and what to make smaller. TensorFlow names the shape it could not place: where
 * that is a batch of pictures [N, H, W, C], half the batch, or for a single one half the tile, is what to try.
 */
export function outOfMemory(error: TensorflowError, device: Device): string {
  const shape = error.message.match(/shape ?\[([\d,]+)\]/)?.[1]?.split(",").map(Number);
  const place = device.type === "CPU" ? "memory" : `memory of ${device.name.replace(/.*device:/, "")}`;
  const total = device.type === "CPU" ? "" : ` (${megabytes(device.memory)})`;
  const wanted = shape === undefined ? "a tensor" : `a tensor of shape [${shape.join(", ")}]`;
  const batch = shape?.length === 4 ? shape[0] ?? 1 : 1;
  const advice = batch > 1
    ? `take a batch of ${Math.floor(batch / 2)} in place of ${batch}, or smaller tiles`
    : "take tiles of half the size, or another device";
  return `tensorflow: ${error.op} found no room in the ${place}${total} for ${wanted}; ${advice}`;
}
