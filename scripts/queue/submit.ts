import { UsageError } from "@slomo/core";
import { isObjectLocation } from "@slomo/core/files";
import { unlessAborted } from "@slomo/core/video";
import { openQueueServer, QueueClient } from "@slomo/queue";
import type { TaskIo } from "../_cli.ts";
import type { InterpolateCommand } from "../interpolate/options.ts";
import { resolve } from "@std/path";
import { queueCommand } from "./command.ts";
import { watchVideo } from "./watch.ts";

/**
 * Submits a video to a queue, and watches it unless the user detaches.
 *
 * @throws {UsageError} If the command has options that workers choose, or several videos.
 */
export async function submitVideos(command: InterpolateCommand, address: string, io: TaskIo): Promise<void> {
  const { videos, options } = command;
  if ("out" in videos) {
    throw new UsageError("`queue` takes one IN and one OUT; submit several videos one by one", { option: "queue" });
  }
  const [input, output] = [videos.input, videos.output].map((location) =>
    isObjectLocation(location) ? location : resolve(location)
  ) as [string, string];
  const stored = queueCommand({ input, output }, command);
  await using server = await openQueueServer(address);
  await using client = new QueueClient(server);
  const video = { command: stored, input, output, shards: options.shards };
  // A server may not answer for a long time.
  const id = await unlessAborted(client.submit(video, { priority: options.priority }), io.signal);
  if (options.json) io.out(JSON.stringify({ type: "submitted", id }));
  else if (options.detach) io.out(id);
  if (!options.detach) {
    if (!options.quiet) io.err(`${id}: submitted to ${server.name}; Ctrl-C detaches`);
    await watchVideo(client, id, options, io);
  }
}
