/** Checks that packages that depend on contracts only do not name parts of the default plugins. */
import { loadPlugins } from "@slomo/core/manifest";
import { readWeights } from "@slomo/weights";
import { readManifest } from "../_toolkit.ts";
import type { SourceFile } from "@slomo/core/sources";
import { isTest } from "./_source.ts";

/** Names that plugins provide. */
export interface ProvidedNames {
  /** Names of parts: `super-slomo`, `smoothness`. */
  readonly parts: readonly string[];
  /** Names of tensors below the part's prefix: `encoder.0.conv1.weight`. */
  readonly tensors: readonly string[];
}

/** Reads the names that the default plugins and the shipped weights provide. */
export async function providedNames(): Promise<ProvidedNames> {
  const manifest = await readManifest(), plugins = await loadPlugins(manifest.plugins);
  const files = [manifest, ...Object.values(manifest.models ?? {})].map(({ weights }) => weights!);
  const tensors = await Promise.all(files.map(async (file) => {
    const { tensors } = await readWeights((await Deno.open(new URL(file))).readable, file);
    return [...tensors.keys()];
  }));
  return {
    parts: [...new Set(plugins.flatMap(({ plugin }) => plugin.provides.map(({ name }) => name)))],
    tensors: tensors.flat().map((name) => name.replace(/^(flow|interpolation)\./, "")),
  };
}

/** Packages that know contracts and no plugin. */
const NEUTRAL = /^(core|ops|weights|engine|training|testing)\//;

/** Programs and networks of plugins; no other words contain these names. */
const MADE_OF = /ffmpeg|ffprobe|\bu-?net|vgg\d*/i;

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const anyOf = (patterns: readonly string[]) => new RegExp(patterns.length > 0 ? patterns.join("|") : "(?!)", "i");

interface Search {
  /** Names that do not occur in prose: names of several words in any spelling, and the first two parts of tensor names. */
  readonly anywhere: RegExp;
  /** Matches a part chosen by its name: `name: "flow"`. */
  readonly choice: RegExp;
  /** Matches keys that are names of parts, except words of core's contracts. */
  readonly key: RegExp;
  /** Matches strings that are such names. */
  readonly strings: ReadonlySet<string>;
}

function searchFor({ parts, tensors }: ProvidedNames, contracts: string): Search {
  const compound = parts.filter((name) => /[-_\d]/.test(name)),
    words = parts.filter((name) => !compound.includes(name));
  const foreign = words.filter((word) => !new RegExp(`\\b${escape(word)}\\b`).test(contracts));
  const layers = tensors.map((name) => {
    const [first, second = ""] = name.split(".").map(escape);
    return `\\b${first}\\.${second.replace(/\d+/, "(?:\\d|\\$\\{)")}`;
  });
  return {
    anywhere: anyOf([...compound.map((name) => name.split(/[-_]/).map(escape).join("[-_ ]?")), ...new Set(layers)]),
    choice: anyOf(words.map((word) => `\\bname["']?: ?["']${escape(word)}["']`)),
    key: anyOf(foreign.map((word) => `\\b${escape(word)}\\??: `)),
    strings: new Set(foreign),
  };
}

/**
 * Finds names of plugins' parts, tensors and networks in packages that know contracts only.
 *
 * @param files Sources of the whole repository; words of the contracts are excluded.
 */
export function findPluginNames(files: readonly SourceFile[], names: ProvidedNames): string[] {
  const contracts = files.filter(({ path }) => path.startsWith("core/contracts/") && !isTest(path));
  const search = searchFor(names, contracts.map(({ code }) => code).join("\n"));
  const find = ({ text, code, literals }: SourceFile): string | undefined => {
    const bare = code.replace(/"(?:[^"\\\n]|\\.)*"|`[^`]*`/g, '""');
    return search.anywhere.exec(text)?.[0] ?? search.choice.exec(code)?.[0] ?? search.key.exec(bare)?.[0] ??
      literals.find((literal) => search.strings.has(literal));
  };
  return files.filter(({ path }) => NEUTRAL.test(path) && !isTest(path)).flatMap((file) => {
    const found = MADE_OF.exec(file.text)?.[0] ?? find(file);
    return found
      ? [`${file.path}: names ${found.trim()}, which plugins provide; packages know contracts only (names)`]
      : [];
  });
}
