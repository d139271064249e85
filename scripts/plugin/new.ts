import { JobError, UsageError } from "@slomo/core";
import type { OptionTable } from "@slomo/core/options";
import { SHIPPED_MANIFEST_URL } from "@slomo/slomo/shipped";
import { fromFileUrl, join, resolve } from "@std/path";
import config from "../deno.json" with { type: "json" };
import type { TaskIo } from "../_cli.ts";
import type { CommandDefinition } from "../_options.ts";
import { parseOneName } from "../_command.ts";
import { fillTemplate, KINDS, type NewNames, newNames } from "./_names.ts";
import { packageConfig, packageManifest, packageReadme } from "./_package.ts";
import { TEMPLATES } from "./_templates.ts";

const OPTIONS = {
  kind: {
    ...{ kind: "choice", choices: KINDS, value: "KIND" },
    help: "Start with a working part of this kind; required",
  },
  dir: { kind: "path", value: "DIR", default: "./NAME, without its scope", help: "Write the package to DIR" },
  link: { kind: "switch", help: "Test against this clone of slomo instead of the packages in the registry" },
} as const satisfies OptionTable;

/** The command line of `plugin new`. */
export const NEW: CommandDefinition<typeof OPTIONS> = {
  name: "plugin new",
  usage: ["NAME --kind KIND [options]"],
  about: "Creates a plugin: a package with one working part, its tests, and the files for publishing. NAME is in " +
    "kebab case, with or without your scope on JSR, such as dense-flow or @you/dense-flow.",
  options: OPTIONS,
};

async function refuseFull(folder: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      throw new UsageError(`${folder} is not empty: it holds ${name}; give another --dir`);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotADirectory) throw new UsageError(`${folder} is a file; give another --dir`);
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Returns the folder of this clone of slomo. */
function cloneFolder(): string {
  if (SHIPPED_MANIFEST_URL.protocol === "file:") return fromFileUrl(new URL("./", SHIPPED_MANIFEST_URL));
  throw new UsageError("`link` works in a clone of the repository only; leave it out", { option: "link" });
}

function packageFiles(kind: string, names: NewNames, link: boolean): Record<string, string> {
  const templates = Object.entries(TEMPLATES[kind]!).map(([name, text]) => [name, fillTemplate(text, names)]);
  return {
    "deno.json": packageConfig(names, config.version, link ? cloneFolder() : undefined),
    "README.md": packageReadme(names, kind),
    "slomo.json": packageManifest(names, kind),
    ...Object.fromEntries(templates),
  };
}

/**
 * `deno task plugin new`.
 *
 * @throws {UsageError} If the name is invalid, or the folder is not empty.
 * @throws {JobError} If the package cannot be written.
 */
export async function newPlugin(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseOneName(NEW, args, io);
  if (parsed === undefined) return;
  const { given: name, values } = parsed;
  if (values.kind === undefined) throw new UsageError(`plugin new needs --kind: one of ${KINDS.join(", ")}`);
  const { kind } = values, names = newNames(name);
  const shown = values.dir ?? names.part, folder = resolve(shown);
  await refuseFull(folder);
  const files = packageFiles(kind, names, values.link);
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) await Deno.writeTextFile(join(folder, file), text);
  } catch (error) {
    throw new JobError(`cannot write ${shown}: ${error instanceof Error ? error.message : error}`);
  }
  io.out(
    `${shown}: the ${kind} plugin ${names.package}\n\n  cd ${shown} && deno task check\n\nREADME.md describes the next steps.`,
  );
}
