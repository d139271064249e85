/** A locked file. Disposing it releases the lock; so does the end of the process, even if it is killed. */
export class FileLock implements AsyncDisposable {
  readonly #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Locks a file, so that no other process does until the lock is released.
   *
   * @param path Lock file; it is created and not removed.
   * @returns The lock; `undefined` if another process holds it.
   */
  static async take(path: string): Promise<FileLock | undefined> {
    const file = await Deno.open(path, { write: true, create: true });
    // Some network file systems have no locks. The work then continues without one.
    if (await file.tryLock(true).catch(() => true)) return new FileLock(file);
    file.close();
    return undefined;
  }

  /** Releases the lock. Closing alone would not while a program that is being started holds a copy of the descriptor. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.unlock().catch(() => {});
    this.#file.close();
  }
}
