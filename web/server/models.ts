/** Models for plans, frames and previews: opened when needed, used by one request at a time, and closed when others are. */
import { openSlomo, type Slomo, type SlomoOptions } from "@slomo/slomo";

/** Most models that are open at once. */
const MOST = 3;

interface Opened {
  readonly slomo: Promise<Slomo>;
  /** Ends with the last request. */
  last: Promise<unknown>;
}

/** Opens models by their options. Jobs of the queue open their own, so that a preview cannot disturb them. */
export class Models implements AsyncDisposable {
  readonly #base: SlomoOptions;
  readonly #opened = new Map<string, Opened>();

  /**
   * Creates it; opens nothing.
   *
   * @param base Options that were given when the server was started.
   */
  constructor(base: SlomoOptions) {
    this.#base = base;
  }

  /** Returns the toolkit with options, without waiting for other requests: reading sources uses no model. */
  async open(options: SlomoOptions = {}): Promise<Slomo> {
    return await this.#get(options).slomo;
  }

  /** Calls a function with the model, after earlier calls with the same options have ended. */
  async use<T>(options: SlomoOptions, work: (slomo: Slomo) => Promise<T>): Promise<T> {
    const opened = this.#get(options), slomo = await opened.slomo;
    const result = opened.last.then(() => work(slomo));
    opened.last = result.catch(() => {});
    return await result;
  }

  #get(options: SlomoOptions): Opened {
    const key = JSON.stringify(Object.entries(options).sort());
    const found = this.#opened.get(key) ?? { slomo: openSlomo({ ...this.#base, ...options }), last: Promise.resolve() };
    this.#opened.delete(key);
    this.#opened.set(key, found);
    found.slomo.catch(() => this.#opened.delete(key));
    for (const [other, { slomo, last }] of [...this.#opened].slice(0, -MOST)) {
      this.#opened.delete(other);
      last.then(async () => await (await slomo).close()).catch(() => {});
    }
    return found;
  }

  /** Closes all models. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#opened.values()].map(async ({ slomo, last }) => {
      const opened = await slomo.catch(() => undefined);
      await opened?.close();
      await last;
    }));
  }
}
