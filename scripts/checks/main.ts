/** `deno task check:repo`: prints one line per finding; exits with 1 if there are any. */
import { fromFileUrl, join } from "@std/path";
import { isTest, readSources } from "./_source.ts";
import { findUndocumented } from "./docs.ts";
import { findCycles, findUnresolvable, findWrongDependencies, findWrongVersions } from "./imports.ts";
import { findPluginNames, providedNames } from "./names.ts";
import { type Package, readPackages } from "./packages.ts";
import { findUnpublishable, publishedFiles } from "./published.ts";
import { checkRegistry } from "./registry.ts";
import { findRuleBreaks } from "./rules.ts";
import { findOutdatedFiles } from "./schemas.ts";
import { findVersionMismatches, readTexts } from "./versions.ts";

const url = new URL("../../", import.meta.url), root = fromFileUrl(url);
const [files, texts, packages] = await Promise.all([readSources(root), readTexts(root), readPackages(root)]);

async function runDeno(args: string[], cwd: string): Promise<{ readonly code: number; readonly output: string }> {
  const env = { NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd, env }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

async function checkDocumentation(): Promise<string[]> {
  const entries = packages.flatMap(({ folder, exports }) =>
    Object.values(exports).map((file) => join(root, folder, file))
  );
  const { code, output } = await runDeno(["doc", "--lint", ...entries], root);
  const failure = code !== 0 && !/documentation lint errors?\./.test(output) ? [`deno doc failed: ${output}`] : [];
  return [...failure, ...findUndocumented(output, files, root)];
}

/** Tests whether a package can be published. Types are not checked: `deno check --doc .` has done so. */
async function checkPublishing(own: Package): Promise<string[]> {
  const { code, output } = await runDeno(
    ["publish", "--dry-run", "--allow-dirty", "--no-check"],
    join(root, own.folder),
  );
  if (code !== 0) return [`${own.folder}: cannot be published:\n${output}`];
  const paths = publishedFiles(output, url.href);
  const published = files.filter(({ path }) => paths.includes(path) && !isTest(path));
  return [...findUnpublishable(paths), ...findUnresolvable(own, published, packages)];
}

const findings = [
  ...findRuleBreaks(files),
  ...findCycles(files, packages),
  ...findWrongDependencies(files, packages),
  ...findWrongVersions(files, packages),
  ...findVersionMismatches(packages, texts),
  ...findPluginNames(files, await providedNames()),
  ...(await Promise.all([checkDocumentation(), findOutdatedFiles(), checkRegistry(), ...packages.map(checkPublishing)]))
    .flat(),
];

for (const finding of findings) console.error(finding);
console.log(
  findings.length === 0 ? `checked ${files.length} files, ${packages.length} packages` : `${findings.length} findings`,
);
if (findings.length > 0) Deno.exit(1);
