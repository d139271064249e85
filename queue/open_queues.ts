import type { Queue } from "./client_types.d.ts";
import type { QueueClasses } from "./server.ts";

/** Queues of a server, each of which is opened at its first use. */
export class OpenQueues implements AsyncDisposable {
  readonly #classes: QueueClasses;
  readonly #onError: (error: Error) => void;
  readonly #queues = new Map<string, Queue>();

  /** @param onError Called with errors of the connections. */
  constructor(classes: QueueClasses, onError: (error: Error) => void = () => {}) {
    this.#classes = classes;
    this.#onError = onError;
  }

  /** Returns a queue. It stays open, because it is read again and again. */
  get(name: string): Queue {
    const found = this.#queues.get(name);
    if (found) return found;
    const queue = this.#classes.queue(name);
    queue.on("error", this.#onError);
    this.#queues.set(name, queue);
    // A queue that cannot connect when it is opened does not try again.
    queue.waitUntilReady().catch(() => {
      this.#queues.delete(name);
      return queue.close();
    });
    return queue;
  }

  /** Closes all queues. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }
}
