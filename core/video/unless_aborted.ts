/** Waits for a promise, and returns its value; rejects with the reason of the signal if that aborts first. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await promise;
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>(), stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Waits for a time; rejects with the reason of the signal if that aborts first. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>(), timer = setTimeout(resolve, milliseconds);
  try {
    await unlessAborted(promise, signal);
  } finally {
    clearTimeout(timer);
  }
}
