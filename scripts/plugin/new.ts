import { JobError, UsageError } from "@slomo/core";
import { fromFileUrl, join, resolve } from "@std/path";
import type { TaskIo } from "../_cli.ts";
import { oneOf, type OptionTable } from "../_options.ts";
import { parseCommand } from "./_command.ts";
import { fillTemplate, type NewNames, newNames } from "./_names.ts";
import { packageConfig, packageReadme } from "./_package.ts";

/** What a plugin can be begun for. */
export const KINDS = ["flow", "interpolator", "warp", "loss", "codec"] as const;

const OPTIONS = {
  kind: { value: "KIND", help: `What the plugin provides: ${KINDS.join(", ")}.` },
  dir: { value: "DIR", help: "Where the package goes; ./NAME, without its scope." },
  link: { help: "Test against this copy of slomo in place of the one that JSR has." },
  help: { help: "Show this." },
} as const satisfies OptionTable;

const ABOUT =
  `Writes a package with one part that works, its tests, and all that publishing needs. NAME is in kebab case, with or
without the scope that you have on JSR: dense-flow or @you/dense-flow.`;

const COMMAND = { name: "new", takes: "NAME", use: "--kind KIND [options]", about: ABOUT, options: OPTIONS };

const ROOT = new URL("../../", import.meta.url);

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

async function packageFiles(kind: string, names: NewNames, link: boolean): Promise<Record<string, string>> {
  const template = (name: string) => Deno.readTextFile(new URL(`./templates/${kind}/${name}`, import.meta.url));
  const config = (path: string) => Deno.readTextFile(new URL(path, ROOT)).then(JSON.parse);
  const { version } = await config("core/deno.json"), { imports } = await config("deno.json");
  return {
    "deno.json": packageConfig(names, version, imports, link ? fromFileUrl(ROOT) : undefined),
    "README.md": packageReadme(names, kind),
    "mod.ts": fillTemplate(await template("mod.ts"), names),
    "mod_test.ts": fillTemplate(await template("mod_test.ts"), names),
  };
}

/**
 * `deno task plugin new`.
 *
 * @throws {UsageError} If the name or the folder will not do.
 * @throws {JobError} If the package cannot be written.
 */
export async function newPlugin(args: readonly string[], io: TaskIo): Promise<void> {
  const parsed = parseCommand(COMMAND, args, io);
  if (parsed === undefined) return;
  const { given: name, options } = parsed;
  if (options.kind === undefined) throw new UsageError(`plugin new needs --kind: one of ${KINDS.join(", ")}`);
  const kind = oneOf("kind", options.kind, KINDS, "flow"), names = newNames(name);
  const shown = options.dir ?? names.part, folder = resolve(shown);
  await refuseFull(folder);
  const files = await packageFiles(kind, names, options.link);
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) await Deno.writeTextFile(join(folder, file), text);
  } catch (error) {
    throw new JobError(`cannot write ${shown}: ${error instanceof Error ? error.message : error}`);
  }
  io.out(
    `${shown}: the ${kind} plugin ${names.package}\n\n  cd ${shown} && deno task check\n\nREADME.md tells the rest.`,
  );
}
