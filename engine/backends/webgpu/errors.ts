import type { DataId } from "@tensorflow/tfjs-core";
import { JobError } from "@slomo/core";

/** What is used of tfjs's `webgpu` backend. */
export interface WatchedBackend {
  /** The device that it computes on. */
  readonly device: Pick<GPUDevice, "addEventListener" | "lost">;
  /** The numbers of a tensor. */
  read(dataId: DataId): Promise<unknown>;
}

function failed(reason: string): JobError {
  const line = reason.split("\n", 1)[0];
  return new JobError(`webgpu: the GPU cannot do the job (${line}); give --tile or another --backend`);
}

/**
 * Makes results throw that were computed of what the GPU refused: tensors larger than its buffers, memory that it has not,
 * a driver that gave up. tfjs does not ask, and reads zeros.
 */
export function watchErrors(backend: WatchedBackend): void {
  let refusal: string | undefined, lost: string | undefined;
  backend.device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    refusal ??= (event as GPUUncapturedErrorEvent).error.message;
  });
  backend.device.lost.then(({ message, reason }) => lost = `it was lost: ${message || reason}`);
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const values = await read(dataId).catch((error) => refusal ??= error instanceof Error ? error.message : `${error}`);
    const reason = lost ?? refusal;
    if (reason === undefined) return values;
    refusal = undefined;
    throw failed(reason);
  };
}
