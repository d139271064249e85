import { join, relative } from "@std/path";
import { scanSource, type SourceFile } from "@slomo/core/sources";

/** Returns whether a file serves tests of this repository only. The conformance kit in `testing/` is a package. */
export function isTest(path: string): boolean {
  return /_test\.ts$|_testing\.ts$|^(tests|bench)\/|\/fixtures\//.test(path);
}

/** Returns whether a file was written by a program. */
export function isGenerated({ text }: SourceFile): boolean {
  return /automatically generated|@generated/i.test(text.slice(0, 400));
}

/** Scans all TypeScript files below a folder, except in hidden folders and `node_modules`. */
export async function readSources(root: string, folder = root): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (name.startsWith(".") || name === "node_modules") continue;
    if (isDirectory) files.push(...await readSources(root, path));
    else if (isFile && /\.tsx?$/.test(name)) {
      files.push(scanSource(relative(root, path).replaceAll("\\", "/"), await Deno.readTextFile(path)));
    }
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}
