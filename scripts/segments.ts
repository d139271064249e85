/** `deno task segments`: plans a video in segments, makes them on any number of machines, and joins them. */
import { UsageError } from "@slomo/core";
import { nearest } from "@slomo/core/manifest";
import { runScript, type Task } from "./_cli.ts";
import { commandsHelp } from "./_command.ts";
import { JOIN, MAKE, PLAN } from "./segments/options.ts";
import { joinTask, makeTask, planTask } from "./segments/run.ts";

const COMMANDS: Readonly<Record<string, Task["run"]>> = { plan: planTask, make: makeTask, join: joinTask };

/** The task `segments`. */
export const segments: Task = {
  commands: [PLAN, MAKE, JOIN],
  async run([name, ...args], io) {
    if (name === undefined || name === "--help" || name === "-h") {
      return io.out(commandsHelp("segments", this.commands));
    }
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command) return await command(args, io);
    const names = Object.keys(COMMANDS), suggestion = nearest(name, names);
    const hint = suggestion ? `did you mean "${suggestion}"?` : `commands are ${names.join(", ")}`;
    throw new UsageError(`segments has no command "${name}"; ${hint}`);
  },
};

if (import.meta.main) await runScript(segments);
