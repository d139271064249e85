/** Checks that look at one file alone. */
import type { SourceFile } from "@slomo/core/sources";
import { isGenerated, isTest } from "./_source.ts";

/** Returns the rule that a file breaks and its reason; `undefined` if it breaks none. */
type Rule = (file: SourceFile) => string | undefined;

/** Maximum number of lines of a file. */
const LONGEST = 350;

const fileLength: Rule = (file) => {
  const lines = file.text.trimEnd().split("\n").length;
  if (lines <= LONGEST || isGenerated(file)) return undefined;
  return `has ${lines} lines; at most ${LONGEST}, so that a file has one idea: split it`;
};

const denoNamespace: Rule = ({ path, code }) => {
  if (!/^(core(?!\/(?:files|sources)\/)|ops|weights|training)\//.test(path) || isTest(path)) return undefined;
  const found = /\bDeno\.\w+/.exec(code)?.[0];
  return found && `uses ${found}; this package also runs in browsers: let the caller pass it in`;
};

const processes: Rule = ({ path, code }) => {
  if (
    /^(plugins\/codecs\/|api\/gpu\/|downloads\/wheels\/|scripts\/(checks|setup|doctor|start|main|interpolate\/devices)\b)/
      .test(path) ||
    isTest(path)
  ) {
    return undefined;
  }
  const found = /\bDeno\.Command\b|node:child_process/.exec(code)?.[0];
  return found && `starts a process (${found}); only plugins/codecs does, which drains and ends all of them`;
};

const BACKEND = /^(npm:)?(@tensorflow\/tfjs(-backend-[\w-]+|-node[\w-]*)?|onnxruntime[\w-]*)(@|\/|$)/;

const backends: Rule = ({ path, code, imports }) => {
  if (path.startsWith("engine/") || isTest(path)) return undefined;
  const found = imports.find((specifier) => BACKEND.test(specifier)) ?? /\bDeno\.dlopen\b/.exec(code)?.[0];
  return found && `uses ${found}; only engine does, everything else uses @tensorflow/tfjs-core`;
};

const leftovers: Rule = ({ path, text }) => {
  if (path.startsWith("scripts/checks/")) return undefined;
  const found = /\b(TODO|FIXME|XXX|HACK)\b/.exec(text)?.[1];
  return found && `has a ${found}; do it now or file an issue`;
};

const RULES: Readonly<Record<string, Rule>> = {
  "file length": fileLength,
  "Deno namespace": denoNamespace,
  processes,
  backends,
  leftovers,
};

/** Finds files that break a rule; one line for each file and rule. */
export function findRuleBreaks(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    Object.entries(RULES).flatMap(([name, rule]) => {
      const problem = rule(file);
      return problem ? [`${file.path}: ${problem} (${name})`] : [];
    })
  );
}
