import { dirname } from "@std/path";

/**
 * Runs `work` while no other process holds the lock on a file. The lock ends with the process, however it ends.
 *
 * @param path Lock file; it is created, and stays.
 * @param work What one process at a time does.
 * @param onWait Called if another process holds the lock.
 * @param signal Ends the wait.
 * @returns What `work` returns.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  onWait: () => void,
  signal: AbortSignal,
): Promise<T> {
  await Deno.mkdir(dirname(path), { recursive: true });
  using file = await Deno.open(path, { write: true, create: true });
  // Some network file systems have no locks; the work is then as safe as without one.
  if (!await file.tryLock(true).catch(() => true)) {
    onWait();
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop);
    await Promise.race([file.lock(true), stopped]).finally(() => signal.removeEventListener("abort", stop));
  }
  signal.throwIfAborted();
  return await work();
}
