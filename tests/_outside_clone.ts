/** Creates a folder with the published files only, and an import map that replaces the registry. */
import { dirname, fromFileUrl, join, relative } from "@std/path";
import { readPackages } from "../scripts/checks/packages.ts";
import { publishedFiles } from "../scripts/checks/published.ts";

const ROOT = new URL("../", import.meta.url);

async function filesOf(folder: string): Promise<string[]> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty", "--no-check"],
    cwd: fromFileUrl(new URL(folder, ROOT)),
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (code !== 0) throw new Error(`${folder}: ${text}`);
  return publishedFiles(text, ROOT.href);
}

/**
 * Copies the published files of every package into `target` and writes a `deno.json` whose import map replaces the
 * registries.
 *
 * @param target Empty folder.
 */
export async function copyPublished(target: string): Promise<void> {
  const root = fromFileUrl(ROOT), packages = await readPackages(root);
  const { imports, version } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const map: Record<string, string> = {
    ...imports,
    "@std/cli/parse-args": "./@slomo/slomo/links/std-cli/parse_args.ts",
    "@std/path": "./@slomo/slomo/links/std-path/mod.ts",
  };
  await Promise.all(packages.map(async ({ folder, name, exports }) => {
    const files = await filesOf(folder === "." ? "." : `${folder}/`);
    await Promise.all(files.map(async (file) => {
      const path = join(target, name, relative(folder === "." ? "" : folder, file));
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.copyFile(join(root, file), path);
    }));
    for (const [entry, file] of Object.entries(exports)) {
      const path = `./${name}/${file.slice(2)}`, sub = entry.slice(1);
      map[name + sub] = path;
      map[`jsr:${name}@^${version}${sub}`] = path;
    }
  }));
  // Publishing rewrites specifiers; here the folder is a workspace, whose import map resolves them in each package too.
  for (const { name } of packages) {
    await Deno.writeTextFile(join(target, name, "deno.json"), JSON.stringify({ version }));
  }
  const workspace = packages.map(({ name }) => `./${name}`);
  await Deno.writeTextFile(join(target, "deno.json"), JSON.stringify({ workspace, imports: map, lock: false }));
}
