/** Check of the documentation of public symbols. */
import type { SourceFile } from "@slomo/core/sources";
import { isGenerated, isTest } from "./_source.ts";

/** One finding of `deno doc --lint`. */
interface Finding {
  readonly text: string;
  /** File, line and column. */
  readonly place: string;
  /** The private type that the public one refers to, if that is the finding. */
  readonly refersTo: string | undefined;
}

function parseFindings(output: string): Finding[] {
  const found = output.matchAll(/^error\[[\w-]+\]: (.+)\n\s*--> (.+)$/gm);
  return [...found].map(([, text, place]) => ({
    text: text!,
    place: place!,
    refersTo: /references private type '(\w+)/.exec(text!)?.[1],
  }));
}

/** Returns whether a type comes from outside the repository: it is imported from a package, or no file declares it. */
function isForeign(name: string, place: string, files: readonly SourceFile[]): boolean {
  const user = files.find(({ path }) => place.startsWith(`${path}:`));
  if (user && packageOf(user.text, name)) return true;
  const declaration = new RegExp(
    `^export (declare )?(abstract )?(interface|type|class|enum|const|function) ${name}\\b`,
    "m",
  );
  return !files.some(({ path, text }) => !isTest(path) && declaration.test(text));
}

/** Returns the npm package from which a file imports a name, or a namespace with that name. */
function packageOf(text: string, name: string): string | undefined {
  for (const [, names, specifier] of text.matchAll(/import (?:type )?([^;"']+) from "([^"]+)";/g)) {
    const isOurs = specifier!.startsWith(".") || specifier!.startsWith("@slomo/");
    const namespace = /\* as (\w+)/.exec(names!)?.[1];
    const isUsed = namespace ? text.includes(`${namespace}.${name}`) : new RegExp(`\\b${name}\\b`).test(names!);
    if (!isOurs && isUsed) return specifier;
  }
}

/**
 * Finds public symbols without documentation or with private types.
 *
 * @param output Output of `deno doc --lint`. It reports types of npm packages as private; those are ignored.
 * @param root Folder to which shown paths are relative, with a slash at its end.
 */
export function findUndocumented(output: string, files: readonly SourceFile[], root: string): string[] {
  return parseFindings(output)
    .map((finding) => ({
      ...finding,
      place: finding.place.replaceAll("\\", "/").replace(root.replaceAll("\\", "/"), ""),
    }))
    .filter(({ place }) => !files.some((file) => place.startsWith(`${file.path}:`) && isGenerated(file)))
    .filter(({ refersTo, place }) => refersTo === undefined || !isForeign(refersTo, place, files))
    .map(({ text, place }) => `${place}: ${text} (docs)`);
}
