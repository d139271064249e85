/** The queue of the page: its videos are submitted to workers as those of `interpolate --queue`. */
import type { QueueClient, QueueServer } from "@slomo/queue";
import type { RemoteQueue } from "@slomo/web";
import { unsetValues } from "../segments/command.ts";
import { queueCommand } from "./command.ts";

/** Returns a queue server as the page uses it. */
export function pageQueue(server: QueueServer, client: QueueClient): RemoteQueue {
  return {
    name: server.name,
    async submit(input, output, options) {
      const values = { ...unsetValues(), ...options } as Parameters<typeof queueCommand>[1]["options"];
      return await client.submit({ command: queueCommand({ input, output }, { options: values }), input, output });
    },
    retry: (id) => client.retry(id),
    cancel: (id) => client.cancel(id),
    async state(id) {
      try {
        const { phase, frames, done, active, error } = await client.state(id);
        return { phase, frames, done, workers: active.length, error };
      } catch (error) {
        if ((error as { readonly code?: string }).code === "input-not-found") return undefined;
        throw error;
      }
    },
  };
}
