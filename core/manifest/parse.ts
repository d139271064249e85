import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { z } from "zod";
import { UsageError } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { type Manifest, manifestSchema } from "./manifest.ts";

type Issue = z.core.$ZodIssue;

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function path(parts: readonly PropertyKey[]): string {
  return parts.map((part) => typeof part === "number" ? `[${part}]` : `.${String(part)}`).join("").replace(/^\./, "");
}

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  "": ["$schema", "plugins", "use", "weights"],
  use: ["flowEstimator", "interpolator", "warp", "codec", "losses"],
};

function unknownKey(issue: Issue & { code: "unrecognized_keys" }): string {
  const where = path(issue.path), key = issue.keys[0]!;
  const known = KNOWN[where] ?? ["name", "options", "weight"];
  const meant = nearest(key, known);
  return `${where ? `${where}.` : ""}${key}: there is no such key${meant ? `; did you mean "${meant}"?` : ""}` +
    ` Expected one of ${known.join(", ")}`;
}

function describe(issue: Issue, root: Node): string {
  if (issue.code === "unrecognized_keys") return unknownKey(issue);
  const node = findNodeAtLocation(root, issue.path as (string | number)[]);
  const found = node ? show(getNodeValue(node)) : "nothing";
  const expected = issue.code === "invalid_type"
    ? issue.expected
    : issue.code === "invalid_union"
    ? 'a part such as { "name": "…" } or a list of parts'
    : issue.message.toLowerCase();
  return `${path(issue.path) || "the file"}: expected ${expected}, found ${found}`;
}

function lineOfIssue(text: string, root: Node, issue: Issue): number {
  const keys = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]!] : [...issue.path];
  for (; keys.length > 0; keys.pop()) {
    const node = findNodeAtLocation(root, keys as (string | number)[]);
    if (node) return lineOf(text, node.offset);
  }
  return 1;
}

/**
 * Reads a manifest, JSON with comments.
 *
 * @param text The file's text.
 * @param location Where it came from, for errors.
 * @throws {UsageError} If it is not JSON or not a manifest: names the file, the line, the path in it, what was found and what was expected.
 */
export function parseManifest(text: string, location: string): Manifest {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const broken = errors[0];
  if (broken || !root) {
    const line = lineOf(text, broken?.offset ?? 0);
    const what = broken ? printParseErrorCode(broken.error).replace(/\B[A-Z]/g, " $&").toLowerCase() : "it is empty";
    throw new UsageError(`${location}, line ${line}: the manifest is not valid JSON: ${what}`);
  }
  const result = manifestSchema.safeParse(getNodeValue(root));
  if (result.success) return result.data;
  const { issues } = result.error;
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;
  throw new UsageError(`${location}, line ${lineOfIssue(text, root, issue)}: ${describe(issue, root)}`);
}
