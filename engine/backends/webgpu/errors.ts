import type { DataId } from "@tensorflow/tfjs-core";
import { JobError } from "@slomo/core";

/** The part of tfjs's `webgpu` backend that is used here. */
export interface WatchedBackend {
  /** The device that computes. */
  readonly device: Pick<GPUDevice, "addEventListener" | "destroy" | "lost">;
  /** Reads the values of a tensor. */
  read(dataId: DataId): Promise<unknown>;
}

function failed(reason: string): JobError {
  const line = reason.split("\n", 1)[0];
  return new JobError(`webgpu: the GPU failed: ${line}; set \`tile\`, or choose another \`backend\``, {
    code: "gpu-failed",
    option: "tile",
  });
}

/**
 * Makes reads throw after an error of the GPU, such as a tensor that exceeds the buffer limit, insufficient memory or a lost
 * device. tfjs ignores such errors and reads zeros.
 */
export function watchErrors(backend: WatchedBackend): void {
  let failure: string | undefined, lost: string | undefined;
  backend.device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    failure ??= (event as GPUUncapturedErrorEvent).error.message;
  });
  backend.device.lost.then(({ message, reason }) => lost = `the device was lost: ${message || reason}`);
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const values = await read(dataId).catch((error) => failure ??= error instanceof Error ? error.message : `${error}`);
    const reason = lost ?? failure;
    if (reason === undefined) return values;
    failure = undefined;
    throw failed(reason);
  };
}
