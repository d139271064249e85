/** `deno task queue`: lists, watches, cancels and retries videos of a queue. */
import { UsageError } from "@slomo/core";
import type { OptionTable } from "@slomo/core/options";
import { openQueueServer, QueueClient } from "@slomo/queue";
import { runScript, type Task } from "./_cli.ts";
import { type CommandDefinition, parseCommand, SHARED_OPTIONS } from "./_options.ts";
import { INTERPOLATE } from "./interpolate/options.ts";
import { inFlags } from "./queue/worker_options.ts";
import { stateLine, watchVideo, workerLines } from "./queue/watch.ts";

const OPTIONS = { json: SHARED_OPTIONS.json, quiet: INTERPOLATE.options.quiet } as const satisfies OptionTable;

/** The command line of `queue`. */
const QUEUE: CommandDefinition<typeof OPTIONS> = {
  name: "queue",
  usage: ["URL list", "URL watch ID", "URL cancel ID", "URL retry ID"],
  about:
    "Lists the videos that `interpolate --queue` has submitted, watches one until it ends, cancels one, or submits one " +
    "again to make its missing segments. Segments of a cancelled video are kept in OUT.segments.",
  options: OPTIONS,
};

/** The task `queue`. */
export const queue: Task = {
  commands: [QUEUE],
  async run(args, io) {
    const parsed = parseCommand(QUEUE, args, io);
    if (!parsed) return;
    const { values, rest: [address, verb, id, ...more] } = parsed;
    const isList = verb === "list", isKnown = isList || verb === "watch" || verb === "cancel" || verb === "retry";
    if (address === undefined || !isKnown || more.length > 0 || (id === undefined) !== isList) {
      throw new UsageError("give the URL of a server, and list, watch ID, cancel ID or retry ID; see --help");
    }
    await using server = await openQueueServer(address);
    await using client = new QueueClient(server);
    if (isList) {
      for (const state of await client.list()) {
        if (values.json) io.out(JSON.stringify({ ...state, error: state.error && inFlags(state.error) }));
        else [stateLine(state), ...workerLines(state)].forEach((line) => io.out(line));
      }
    } else if (verb === "watch") await watchVideo(client, id!, values, io);
    else if (verb === "cancel") {
      await client.cancel(id!);
      io.err(`${id}: cancelled; its finished segments are kept`);
    } else io.out(await client.retry(id!));
  },
};

if (import.meta.main) await runScript(queue);
