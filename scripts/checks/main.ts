/** The house's own checks: `deno task check:house`. Prints one line an offence; exit code 1 if there is any. */
import { fromFileUrl, join } from "@std/path";
import { readSources } from "./_source.ts";
import { findOffences } from "./bans.ts";
import { docOffences, entriesOf, packagesOf } from "./docs.ts";
import { schemaOffences } from "./schemas.ts";

const root = fromFileUrl(new URL("../..", import.meta.url));

async function run(args: string[], cwd: string): Promise<{ readonly code: number; readonly output: string }> {
  const env = { NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd, env }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

const files = await readSources(root);
const offences = findOffences(files);

const packages = packagesOf(await Deno.readTextFile(join(root, "deno.json")));
const entries: string[] = [];
for (const folder of packages) {
  const config = await Deno.readTextFile(join(root, folder, "deno.json"));
  entries.push(...entriesOf(config).map((entry) => join(root, folder, entry)));
}
const docs = await run(["doc", "--lint", ...entries], root);
const found = docOffences(docs.output, files, root);
offences.push(...found);
if (docs.code !== 0 && !/documentation lint errors?\./.test(docs.output)) {
  offences.push(`deno doc failed: ${docs.output}`);
}

offences.push(...await schemaOffences());

for (const folder of packages) {
  const publish = await run(["publish", "--dry-run", "--allow-dirty"], join(root, folder));
  if (publish.code !== 0) offences.push(`${folder} could not be published:\n${publish.output}`);
}

for (const offence of offences) console.error(offence);
console.log(
  offences.length === 0 ? `checked ${files.length} files, ${packages.length} packages` : `${offences.length} offences`,
);
if (offences.length > 0) Deno.exit(1);
