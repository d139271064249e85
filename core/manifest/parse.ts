import defer * as jsonc from "jsonc-parser";
import type { z } from "zod";
import { UsageError } from "../errors.ts";
import { type Manifest, manifestSchema } from "./manifest.ts";

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

/**
 * Returns the known word that is most similar to a misspelled one, by Levenshtein distance.
 *
 * @returns `undefined` if all differ by more than 2 letters and more than a third of the word's length.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const scored = known.map((candidate) => ({
    candidate,
    score: distance(word.toLowerCase(), candidate.toLowerCase()),
  }));
  scored.sort((a, b) => a.score - b.score);
  const best = scored[0];
  return best && best.score <= Math.max(2, word.length / 3) ? best.candidate : undefined;
}

type Issue = z.core.$ZodIssue;

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function path(parts: readonly PropertyKey[]): string {
  return parts.map((part) => typeof part === "number" ? `[${part}]` : `.${String(part)}`).join("").replace(/^\./, "");
}

/** The old name of `use.media`. */
export const OLD_MEDIA = "codec";

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  "": ["$schema", "plugins", "use", "weights", "models", "registries"],
  use: ["flowEstimator", "interpolator", "warp", "media", "losses"],
};

function unknownKey(issue: Issue & { code: "unrecognized_keys" }): string {
  const where = path(issue.path), key = issue.keys[0]!;
  const known = KNOWN[where] ?? ["name", "options", "weight"];
  const suggestion = nearest(key, known);
  return `${where ? `${where}.` : ""}${key}: there is no such key${
    suggestion ? `; did you mean "${suggestion}"?` : ""
  }` +
    ` Expected one of ${known.join(", ")}`;
}

/** Returns the node of a path in the text, which may use the old name of a key. */
function findNode(root: jsonc.Node, path: readonly PropertyKey[]): jsonc.Node | undefined {
  const written = path.map((key, i) => i === 1 && path[0] === "use" && key === "media" ? OLD_MEDIA : key);
  return jsonc.findNodeAtLocation(root, path as (string | number)[]) ??
    jsonc.findNodeAtLocation(root, written as (string | number)[]);
}

function describe(issue: Issue, root: jsonc.Node): string {
  if (issue.code === "unrecognized_keys") return unknownKey(issue);
  const node = findNode(root, issue.path);
  const found = node ? quote(jsonc.getNodeValue(node)) : "nothing";
  const expected = issue.code === "invalid_type"
    ? issue.expected
    : issue.code === "invalid_union"
    ? 'a part such as { "name": "…" } or a list of parts'
    : issue.message.toLowerCase();
  return `${path(issue.path) || "the file"}: expected ${expected}, found ${found}`;
}

function lineOfIssue(text: string, root: jsonc.Node, issue: Issue): number {
  const keys = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]!] : [...issue.path];
  for (; keys.length > 0; keys.pop()) {
    const node = findNode(root, keys);
    if (node) return lineOf(text, node.offset);
  }
  return 1;
}

/** Returns the manifest with `use.codec` renamed to `use.media`. */
function withoutAliases(value: unknown, onNote: (note: string) => void): unknown {
  const use = typeof value === "object" && value !== null ? (value as { readonly use?: unknown }).use : undefined;
  if (typeof use !== "object" || use === null || !(OLD_MEDIA in use) || "media" in use) return value;
  const { [OLD_MEDIA]: media, ...rest } = use;
  onNote(`use.${OLD_MEDIA} is deprecated: rename it to use.media`);
  return { ...value as object, use: { ...rest, media } };
}

/**
 * Parses a manifest, which is JSON with comments, and may begin with a byte order mark.
 *
 * @param text The file's text.
 * @param location The file's name, for errors and notes.
 * @param onNote Called once for each deprecated name in the manifest.
 * @throws {UsageError} If the text is not JSON or not a manifest: the message names the file, the line, the path within it,
 * the value found and the value expected.
 */
export function parseManifest(text: string, location: string, onNote: (note: string) => void = () => {}): Manifest {
  const plain = text.replace(/^\uFEFF/, "");
  return parsePlain(plain, location, onNote) ?? parseCommented(plain, location, onNote);
}

/** Parses a manifest without comments; returns `undefined` for anything else. The parser of comments takes longer to load. */
function parsePlain(text: string, location: string, onNote: (note: string) => void): Manifest | undefined {
  const notes: string[] = [];
  try {
    const value = withoutAliases(JSON.parse(text), (note) => notes.push(`${location}: ${note}`));
    const { success, data } = manifestSchema.safeParse(value);
    if (!success) return undefined;
    notes.forEach(onNote);
    return data;
  } catch {
    return undefined;
  }
}

function parseCommented(text: string, location: string, onNote: (note: string) => void): Manifest {
  const errors: jsonc.ParseError[] = [];
  const root = jsonc.parseTree(text, errors, { allowTrailingComma: true });
  const broken = errors[0];
  if (broken || !root) {
    const line = lineOf(text, broken?.offset ?? 0);
    const cause = broken
      ? jsonc.printParseErrorCode(broken.error).replace(/\B[A-Z]/g, " $&").toLowerCase()
      : "it is empty";
    throw new UsageError(`${location}, line ${line}: the manifest is not valid JSON: ${cause}`, {
      code: "invalid-manifest",
      option: "manifest",
    });
  }
  const result = manifestSchema.safeParse(
    withoutAliases(jsonc.getNodeValue(root), (note) => onNote(`${location}: ${note}`)),
  );
  if (result.success) return result.data;
  const { issues } = result.error;
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;
  throw new UsageError(`${location}, line ${lineOfIssue(text, root, issue)}: ${describe(issue, root)}`, {
    code: "invalid-manifest",
    option: "manifest",
  });
}
