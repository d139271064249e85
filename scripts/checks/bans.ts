import { importsOf, isGenerated, isTest, type SourceFile, withoutComments } from "./_source.ts";

/** What is wrong with a file, and why that matters; `undefined` if nothing is. */
export type Ban = (file: SourceFile) => string | undefined;

/** The longest file that is still read in one go. */
const LONGEST = 350;

const noLongFile: Ban = (file) => {
  const lines = file.text.trimEnd().split("\n").length;
  if (lines <= LONGEST || isGenerated(file)) return undefined;
  return `has ${lines} lines; at most ${LONGEST}, so that one idea stays one file: split it`;
};

const noDenoInCore: Ban = ({ path, text }) => {
  if (!path.startsWith("core/") || /^core\/(runtime|testing)\//.test(path) || isTest(path)) return undefined;
  const found = /\bDeno\.\w+/.exec(withoutComments(text))?.[0];
  return found && `uses ${found}; what computes must run in a browser too: have it handed in`;
};

const noPluginInCore: Ban = ({ path, text }) => {
  // The formats of other people's weights are known by name.
  if (!path.startsWith("core/") || path.startsWith("core/weights/convert/") || isTest(path)) return undefined;
  const found = /ffmpeg|u-?net/i.exec(text)?.[0];
  return found && `speaks of ${found}; core knows contracts, plugins know how they fill them`;
};

const noProcess: Ban = ({ path, text }) => {
  if (path.startsWith("plugins/codecs/") || /^scripts\/(checks|setup|doctor|start)\b/.test(path) || isTest(path)) {
    return undefined;
  }
  const found = /\bDeno\.Command\b|node:child_process/.exec(withoutComments(text))?.[0];
  return found && `starts a process (${found}); only plugins/codecs may, where all are drained and ended`;
};

/** The package or tree that a file belongs to: `core`, `plugins/losses`, `scripts`. */
function homeOf(path: string): string {
  return /^(plugins\/[^/]+|[^/]+)\//.exec(path)?.[1] ?? "";
}

/** The home of an imported module: by its path, or by the package's name. */
function targetOf(path: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return homeOf(new URL(specifier, `file:///${path}`).pathname.slice(1));
  const name = /^@slomo\/([^/]+)/.exec(specifier)?.[1];
  return name === undefined || name === "slomo" ? undefined : name === "core" ? "core" : `plugins/${name}`;
}

const noWrongArrow: Ban = ({ path, text }) => {
  const home = homeOf(path);
  if (/^(tests|bench|examples)$/.test(home) || path.startsWith("scripts/checks/")) return undefined;
  for (const specifier of importsOf(text)) {
    const target = targetOf(path, specifier);
    if (target === undefined || target === home) continue;
    if (target.startsWith("plugins/")) {
      return `imports ${specifier}; a plugin is loaded through the manifest by its name and imported by nobody`;
    }
    if (home === "core" || home.startsWith("plugins/") && target !== "core") {
      return `imports ${specifier}; arrows go from scripts to core and from plugins to core, nowhere else`;
    }
  }
};

const ENGINE = /^(npm:)?(@tensorflow\/tfjs(-backend-[\w-]+|-node[\w-]*)?|onnxruntime[\w-]*)(@|\/|$)/;

const noEngineOutsideRuntime: Ban = ({ path, text }) => {
  if (path.startsWith("core/runtime/") || isTest(path)) return undefined;
  const found = importsOf(text).find((specifier) => ENGINE.test(specifier)) ??
    /\bDeno\.dlopen\b/.exec(withoutComments(text))?.[0];
  return found && `uses ${found}; only core/runtime may, and everything else speaks @tensorflow/tfjs-core`;
};

const noLeftovers: Ban = ({ path, text }) => {
  if (path.startsWith("scripts/checks/")) return undefined;
  const found = /\b(TODO|FIXME|XXX|HACK)\b/.exec(text)?.[1];
  return found && `holds a ${found}; do it now or file an issue`;
};

/** All bans by the name that a message shows. */
export const BANS: Readonly<Record<string, Ban>> = {
  "file length": noLongFile,
  "Deno in core": noDenoInCore,
  "plugins in core": noPluginInCore,
  "processes": noProcess,
  "arrows": noWrongArrow,
  "engines": noEngineOutsideRuntime,
  "leftovers": noLeftovers,
};

/** One line for each file and ban that it breaks. */
export function findOffences(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    Object.entries(BANS).flatMap(([name, ban]) => {
      const why = ban(file);
      return why ? [`${file.path} ${why} (${name})`] : [];
    })
  );
}
