import { chooseBackend } from "@slomo/engine";
import { JobError, type SlotName, UsageError } from "@slomo/core";
import { loadPlugins } from "@slomo/core/manifest";
import type { OptionTable } from "@slomo/core/options";
import { CASE_NAMES, conformanceCases, type MediaTrial } from "@slomo/testing";
import { join } from "@std/path";
import type { TaskIo } from "../_cli.ts";
import { type CommandDefinition, SHARED_OPTIONS, withFlags } from "../_options.ts";
import { importPlugin } from "../_toolkit.ts";
import { agreeTo } from "../_trust.ts";
import { parseOneName } from "../_command.ts";
import { resolveSpecifier } from "./_specifier.ts";

const OPTIONS = {
  part: { kind: "text", value: "NAME", help: "Check only the part of this name" },
  options: {
    ...{ kind: "text", value: "JSON" },
    help: "Create parts with these options, such as '{ \"width\": 0.03 }' for a small network",
  },
  backend: {
    ...{ kind: "text", value: "NAME", group: "Other", default: "cpu" },
    help: "Compute on a backend without native libraries: cpu, wasm or webgpu",
  },
  sample: {
    kind: "path",
    value: "LOCATION",
    help: "Check that a media handler reads this video of at least four frames",
  },
  write: {
    kind: "text",
    value: "NAME",
    help: "Check that a media handler writes a file of this name, such as video.mkv",
  },
  skip: {
    ...{ kind: "list", choices: CASE_NAMES, value: "CASES" },
    help: "Leave out these checks, separated by commas, such as gradients,traces",
  },
  quick: { kind: "switch", help: "Skip the slow checks: gradients and tracing" },
  allowPlugins: {
    ...SHARED_OPTIONS.allowPlugins,
    group: "Other",
    help: "Load the plugin without asking if it is not in the lock file yet",
  },
  json: { ...SHARED_OPTIONS.json, group: "Other", help: "Write results to standard output, one JSON object per line" },
} as const satisfies OptionTable;

/** The command line of `plugin check`. */
export const CHECK: CommandDefinition<typeof OPTIONS> = {
  name: "plugin check",
  usage: ["SPECIFIER [options]"],
  about: "Loads a plugin and runs the conformance kit on its parts, as the plugin's own tests do. SPECIFIER is " +
    "jsr:@scope/name@^1, npm:name@1, https://…/mod.ts, or the path of a module or of a package's folder.",
  options: OPTIONS,
};

const QUICK = { gradients: "skipped by --quick", traces: "skipped by --quick" } as const;

function parseJson(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // The error below covers text that is not JSON, too.
  }
  throw new UsageError(`\`options\` must be a JSON object such as '{ "width": 0.03 }', got '${text}'`);
}

function mediaTrial({ sample, write }: { sample: string | undefined; write: string | undefined }): MediaTrial {
  return {
    ...sample !== undefined && { sample: () => Promise.resolve(sample) },
    ...write !== undefined && { write: (folder: string) => join(folder, write) },
  };
}

/**
 * `deno task plugin check`.
 *
 * @throws {UsageError} If it is not a plugin.
 * @throws {JobError} If a check fails, after all results are printed.
 */
export async function checkPlugin(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseOneName(CHECK, args, io);
  if (parsed === undefined) return;
  const { given, values } = parsed;
  const partOptions = parseJson(values.options), specifier = await resolveSpecifier(given);
  await agreeTo([specifier], values.allowPlugins);
  const { plugin } = (await loadPlugins([specifier], importPlugin))[0]!;
  const parts = plugin.provides.filter(({ name }) => values.part === undefined || name === values.part);
  if (parts.length === 0) {
    const names = plugin.provides.map(({ name }) => name).join(", ");
    throw new UsageError(`${plugin.name} has no part "${values.part}"; it has ${names}`);
  }
  // One error instead of one per case.
  await (await chooseBackend(values.backend ?? "cpu", "train")).backend.close();
  let failed = 0, passed = 0;
  for (const { slot, name: part } of parts) {
    const { backend = "cpu", quick } = values, skipped = (values.skip ?? []).map((id) => [id, "skipped by --skip"]);
    const skip = { ...Object.fromEntries(skipped), ...quick && QUICK };
    const given = { part, options: partOptions, backend, skip, media: mediaTrial(values) };
    for (const testCase of conformanceCases(slot, plugin, given)) {
      const error = testCase.ignore
        ? undefined
        : await testCase.run().then(() => undefined, (reason) => withFlags(String(reason.message ?? reason), OPTIONS));
      if (error !== undefined) failed++;
      else if (!testCase.ignore) passed++;
      printResult(io, values.json, {
        slot,
        part,
        case: testCase.id,
        name: testCase.name,
        ignored: testCase.ignore,
        error,
      });
    }
  }
  const summary = `${plugin.name}: ${passed} passed, ${failed} failed`;
  if (failed > 0) throw new JobError(summary);
  if (!values.json) io.out(summary);
}

interface Result {
  readonly slot: SlotName;
  readonly part: string;
  readonly case: string;
  readonly name: string;
  readonly ignored: boolean;
  readonly error: string | undefined;
}

function printResult({ out }: TaskIo, json: boolean, result: Result): void {
  const { name, ignored, error } = result;
  if (json) out(JSON.stringify(result));
  else if (error === undefined) out(`${ignored ? "ignored" : "ok     "} ${name}`);
  else out(`FAILED  ${name}\n        ${error.split("\n", 1)[0]}`);
}
