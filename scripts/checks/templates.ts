/** The module of plugin templates, which `deno task schema` writes from `scripts/plugin/templates/`: packages carry no text files. */
import { KINDS } from "../plugin/_names.ts";

const FOLDER = new URL("../plugin/templates/", import.meta.url);

/** Packages whose versions a plugin shares with slomo, so that one copy serves both. */
const SHARED = ["@tensorflow/tfjs-core", "zod"];

/** Returns the text of the module. */
export async function templatesModule(): Promise<string> {
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  const shared = Object.fromEntries(SHARED.map((name) => [name, imports[name]]));
  const files: Record<string, Record<string, string>> = {};
  for (const kind of KINDS) {
    const text = (name: string) => Deno.readTextFile(new URL(`${kind}/${name}`, FOLDER));
    files[kind] = { "mod.ts": await text("mod.ts"), "mod_test.ts": await text("mod_test.ts") };
  }
  return `/** @generated from scripts/plugin/templates by deno task schema. */

/** Imports that a plugin shares with slomo. */
export const SHARED_IMPORTS: Readonly<Record<string, string>> = ${JSON.stringify(shared)};

/** Files of a new plugin, by kind and name. */
export const TEMPLATES: Readonly<Record<string, Readonly<Record<string, string>>>> = ${JSON.stringify(files)};
`;
}
