/** Small images of a video for the timeline: each is decoded once, one at a time, and a limited number is kept. */

/** An image as PNG. */
export type Png = Uint8Array<ArrayBuffer>;

/** Images that are kept: those of some twenty videos, of about 20 KB each. */
const MOST = 240;

/** Makes thumbnails, and keeps the last ones. */
export class Thumbnails {
  readonly #kept = new Map<string, Promise<Png>>();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Returns a thumbnail.
   *
   * @param key Identity of the image, which differs if its video has changed.
   * @param decode Makes it; called after earlier ones have ended, unless the image is kept.
   */
  get(key: string, decode: () => Promise<Png>): Promise<Png> {
    const kept = this.#kept.get(key), found = kept ?? this.#last.then(decode);
    // A kept one may have ended long before the last.
    if (!kept) this.#last = found.catch(() => {});
    this.#kept.delete(key);
    this.#kept.set(key, found);
    found.catch(() => this.#kept.delete(key));
    for (const old of [...this.#kept.keys()].slice(0, -MOST)) this.#kept.delete(old);
    return found;
  }
}
