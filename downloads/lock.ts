import { dirname } from "@std/path";

/**
 * Runs `work` while no other process holds the lock on a file. The lock is released when the process ends, even if killed.
 *
 * @param path Lock file; it is created and not removed.
 * @param work Work that only one process does at a time.
 * @param onWait Called if another process holds the lock.
 * @param signal Ends the wait.
 * @returns The result of `work`.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  onWait: () => void,
  signal: AbortSignal,
): Promise<T> {
  await Deno.mkdir(dirname(path), { recursive: true });
  using file = await Deno.open(path, { write: true, create: true });
  // Some network file systems have no locks; the work then runs without one.
  if (!await file.tryLock(true).catch(() => true)) {
    onWait();
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop);
    await Promise.race([file.lock(true), stopped]).finally(() => signal.removeEventListener("abort", stop));
  }
  try {
    signal.throwIfAborted();
    return await work();
  } finally {
    // Closing alone would not release it while a program that is being started holds a copy of the descriptor.
    await file.unlock().catch(() => {});
  }
}
