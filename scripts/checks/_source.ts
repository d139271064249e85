import { join, relative } from "@std/path";

/** A source file of the repository. */
export interface SourceFile {
  /** Its path from the repository's root, with forward slashes. */
  readonly path: string;
  /** Its text. */
  readonly text: string;
}

/** Whether a file serves tests of this repository only; the conformance kit is published. */
export function isTest(path: string): boolean {
  const isKit = path.startsWith("testing/");
  return /_test\.ts$|_testing\.ts$|^(tests|bench)\//.test(path) || !isKit && /(^|\/)testing\//.test(path);
}

/** Whether a file was written by a program. */
export function isGenerated({ text }: SourceFile): boolean {
  return /automatically generated|@generated/i.test(text.slice(0, 400));
}

/** The text without comments, so that a rule looks at code alone. Lines stay where they are. */
export function withoutComments(text: string): string {
  return text.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (all, quoted: string | undefined) => quoted ?? all.replace(/[^\n]/g, " "),
  );
}

/** The modules that a file imports, as written, types among them. */
export function importsOf(text: string): string[] {
  const found = withoutComments(text).matchAll(/\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g);
  return [...found].map((match) => match[1]!);
}

/** All TypeScript files below a folder; hidden folders and `node_modules` are passed over. */
export async function readSources(root: string, folder = root): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (name.startsWith(".") || name === "node_modules") continue;
    if (isDirectory) files.push(...await readSources(root, path));
    else if (isFile && name.endsWith(".ts")) {
      files.push({ path: relative(root, path).replaceAll("\\", "/"), text: await Deno.readTextFile(path) });
    }
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}
