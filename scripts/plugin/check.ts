import { JobError, type SlotName, UsageError } from "@slomo/core";
import { loadPlugins } from "@slomo/core/manifest";
import { type CodecTrial, conformanceCases } from "@slomo/testing";
import { join } from "@std/path";
import type { TaskIo } from "../_cli.ts";
import type { OptionTable } from "../_options.ts";
import { importPlugin } from "../_toolkit.ts";
import { agreeTo } from "../_trust.ts";
import { parseCommand } from "./_command.ts";
import { meantSpecifier } from "./_specifier.ts";

const OPTIONS = {
  part: { value: "NAME", help: "Only the part of this name." },
  options: {
    value: "JSON",
    help: "Options that parts are made with, so that a network is small: '{ \"width\": 0.03 }'.",
  },
  backend: { value: "NAME", help: "What computes: cpu (the default), or another that `deno task doctor` lists." },
  sample: { value: "LOCATION", help: "Of a codec: a video of four frames or more that it reads." },
  write: { value: "NAME", help: "Of a codec: a name that it writes to, such as video.mkv." },
  quick: { help: "Leave out what takes long: gradients, and the engine." },
  "allow-plugins": { help: "Load it unasked, although it comes from elsewhere and is not in the lock file yet." },
  json: { help: "Results as lines of JSON." },
  help: { help: "Show this." },
} as const satisfies OptionTable;

const ABOUT =
  `Loads a plugin and holds its parts to what their slots ask for, as the conformance kit does in the plugin's own tests.
SPECIFIER is jsr:@scope/name@^1, npm:name@1, https://…/mod.ts, or the path of a module or of a package's folder.`;

const COMMAND = { name: "check", takes: "SPECIFIER", about: ABOUT, options: OPTIONS };

const QUICK = { gradients: "--quick leaves it out", traces: "--quick leaves it out" } as const;

function parseJson(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Falls through to what is said of every other text.
  }
  throw new UsageError(`--options must be a JSON object such as '{ "width": 0.03 }', got '${text}'`);
}

function codecTrial({ sample, write }: { sample: string | undefined; write: string | undefined }): CodecTrial {
  return {
    ...sample !== undefined && { sample: () => Promise.resolve(sample) },
    ...write !== undefined && { write: (folder: string) => join(folder, write) },
  };
}

/**
 * `deno task plugin check`.
 *
 * @throws {UsageError} If it is no plugin.
 * @throws {JobError} If a part does not do what its slot asks for, once all is told.
 */
export async function checkPlugin(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseCommand(COMMAND, args, io);
  if (parsed === undefined) return;
  const { given, options } = parsed;
  const partOptions = parseJson(options.options), specifier = await meantSpecifier(given);
  await agreeTo([specifier], options["allow-plugins"]);
  const { plugin } = (await loadPlugins([specifier], importPlugin))[0]!;
  const wanted = plugin.provides.filter(({ name }) => options.part === undefined || name === options.part);
  if (wanted.length === 0) {
    const names = plugin.provides.map(({ name }) => name).join(", ");
    throw new UsageError(`${plugin.name} has no part "${options.part}"; it has ${names}`);
  }
  let failed = 0, passed = 0;
  for (const { slot, name: part } of wanted) {
    const { backend, quick } = options, skip = quick ? QUICK : undefined;
    const given = { part, options: partOptions, backend, skip, codec: codecTrial(options) };
    for (const one of conformanceCases(slot, plugin, given)) {
      const error = one.ignore
        ? undefined
        : await one.run().then(() => undefined, (reason) => String(reason.message ?? reason));
      if (error !== undefined) failed++;
      else if (!one.ignore) passed++;
      tell(io, options.json, { slot, part, case: one.id, name: one.name, ignored: one.ignore, error });
    }
  }
  const summary = `${plugin.name}: ${passed} passed, ${failed} failed`;
  if (failed > 0) throw new JobError(summary);
  if (!options.json) io.out(summary);
}

interface Result {
  readonly slot: SlotName;
  readonly part: string;
  readonly case: string;
  readonly name: string;
  readonly ignored: boolean;
  readonly error: string | undefined;
}

function tell({ out }: TaskIo, json: boolean, result: Result): void {
  const { name, ignored, error } = result;
  if (json) out(JSON.stringify(result));
  else if (error === undefined) out(`${ignored ? "ignored" : "ok     "} ${name}`);
  else out(`FAILED  ${name}\n        ${error.split("\n", 1)[0]}`);
}
