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
  if (!/^(core|ops|weights|training)\//.test(path) || isTest(path)) return undefined;
  const found = /\bDeno\.\w+/.exec(withoutComments(text))?.[0];
  return found && `uses ${found}; what computes must run in a browser too: have it handed in`;
};

const noPluginInCore: Ban = ({ path, text }) => {
  // The formats of other people's weights are known by name.
  if (!/^(core|ops|engine|training)\//.test(path) || isTest(path)) return undefined;
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

/** Folders of packages, the deepest first, and the packages that each may import. Tests may import all. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "engine/onnx": ["core", "ops", "weights", "engine"],
  "engine/tensorflow": ["core", "ops", "engine"],
  "engine": ["core", "ops", "weights"],
  "training": ["core", "ops", "weights", "engine"],
  "testing": ["core", "ops", "weights", "engine", "engine/onnx"],
  "weights": ["core"],
  "core": [],
  "ops": [],
  "plugins/codecs": ["core"],
  "plugins/flow-backbones": ["core", "ops"],
  "plugins/losses": ["core", "ops"],
};

/** Package names whose folder has another name. */
const FOLDERS: Readonly<Record<string, string>> = {
  "onnx": "engine/onnx",
  "tensorflow": "engine/tensorflow",
  "codecs": "plugins/codecs",
  "flow-backbones": "plugins/flow-backbones",
  "losses": "plugins/losses",
};

/** The folder of the package that a file belongs to, or its top folder. */
function packageOf(path: string): string {
  return Object.keys(PACKAGES).find((folder) => path.startsWith(`${folder}/`)) ?? path.split("/", 1)[0]!;
}

/** The package of an imported module: by its path, or by the package's name. */
function targetOf(path: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return packageOf(new URL(specifier, `file:///${path}`).pathname.slice(1));
  const name = /^@slomo\/([^/]+)/.exec(specifier)?.[1];
  return name === undefined || name === "slomo" ? undefined : FOLDERS[name] ?? name;
}

const noWrongDependency: Ban = ({ path, text }) => {
  const home = packageOf(path), allowed = PACKAGES[home];
  if (isTest(path) || path.startsWith("scripts/checks/")) return undefined;
  for (const specifier of importsOf(text)) {
    const target = targetOf(path, specifier);
    if (target === undefined || target === home) continue;
    if (target.startsWith("plugins/") && home !== "examples") {
      return `imports ${specifier}; a plugin is loaded through the manifest by its name and imported by nobody`;
    }
    if (allowed && !allowed.includes(target)) {
      return `imports ${specifier}; ${home} may depend on ${allowed.join(", ") || "no other package"}`;
    }
  }
};

const ENGINE = /^(npm:)?(@tensorflow\/tfjs(-backend-[\w-]+|-node[\w-]*)?|onnxruntime[\w-]*)(@|\/|$)/;

const noEngineOutsideRuntime: Ban = ({ path, text }) => {
  if (path.startsWith("engine/") || isTest(path)) return undefined;
  const found = importsOf(text).find((specifier) => ENGINE.test(specifier)) ??
    /\bDeno\.dlopen\b/.exec(withoutComments(text))?.[0];
  return found && `uses ${found}; only engine may, and everything else speaks @tensorflow/tfjs-core`;
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
  "dependencies": noWrongDependency,
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
