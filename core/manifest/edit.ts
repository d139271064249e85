import defer * as jsonc from "jsonc-parser";
import { UsageError } from "../errors.ts";
import { parseManifest } from "./parse.ts";

/** Position of one element of a list in the text; all values are offsets. */
interface Item {
  /** Start of the value. */
  readonly from: number;
  /** End of the value. */
  readonly to: number;
  /** The comma after the value, if there is one. */
  readonly comma: number | undefined;
  /** End of the line, including comments; `undefined` if another value follows on the line. */
  readonly lineEnd: number | undefined;
  /** Start of the line; `undefined` if another value precedes on the line. */
  readonly lineStart: number | undefined;
}

/** Returns whether a token with this first character is white space within a line, or a comment. */
const isSpace = (first: string | undefined) => first !== undefined && " \t/".includes(first);
const isLineBreak = (first: string | undefined) => first !== undefined && "\r\n".includes(first);

function itemOf(text: string, { offset, length }: jsonc.Node): Item {
  const to = offset + length, scanner = jsonc.createScanner(text);
  const next = () => {
    scanner.scan();
    return text[scanner.getTokenOffset()];
  };
  scanner.setPosition(to);
  let comma: number | undefined, first = next();
  while (isSpace(first) || first === "," && comma === undefined) {
    if (first === ",") comma = scanner.getTokenOffset();
    first = next();
  }
  const lineEnd = isLineBreak(first) ? scanner.getTokenOffset() : undefined;
  // The comma may be on a later line.
  while (comma === undefined && (isSpace(first) || isLineBreak(first))) first = next();
  if (first === ",") comma ??= scanner.getTokenOffset();
  const before = text.lastIndexOf("\n", offset - 1) + 1;
  const isFirst = /^[ \t]*(?:\/\*[^\n]*\*\/[ \t]*)?$/.test(text.slice(before, offset));
  return { from: offset, to, comma, lineEnd, lineStart: isFirst ? before : undefined };
}

function itemsOf(text: string): Item[] {
  const list = jsonc.findNodeAtLocation(jsonc.parseTree(text, [], { allowTrailingComma: true })!, ["plugins"]);
  return list!.children!.map((node) => itemOf(text, node));
}

/**
 * Adds a plugin to the end of a manifest's list. Comments, order and layout stay the same.
 *
 * @param text The manifest.
 * @param location Its file name, for errors.
 * @param specifier Specifier of the plugin.
 * @returns The new text.
 * @throws {UsageError} If the text is not a manifest, or already contains the plugin.
 */
export function addPlugin(text: string, location: string, specifier: string): string {
  const { plugins } = parseManifest(text, location);
  if (plugins.includes(specifier)) {
    throw new UsageError(`${location} already contains the plugin ${specifier}`, {
      code: "duplicate-part",
      option: "manifest",
    });
  }
  const { to, comma, lineStart, lineEnd } = itemsOf(text).at(-1)!, added = JSON.stringify(specifier);
  if (lineStart === undefined || lineEnd === undefined) {
    return `${text.slice(0, to)}, ${added}${text.slice(to)}`;
  }
  const indent = /^[ \t]*/.exec(text.slice(lineStart))![0], eol = text.includes("\r\n") ? "\r\n" : "\n";
  const line = `${eol}${indent}${added}${comma === undefined ? "" : ","}`;
  return text.slice(0, to) + (comma === undefined ? "," : "") + text.slice(to, lineEnd) + line + text.slice(lineEnd);
}

/**
 * Removes a plugin and its line from a manifest. Comments, order and layout of the rest stay the same.
 *
 * @param text The manifest.
 * @param location Its file name, for errors.
 * @param specifier Specifier of the plugin.
 * @returns The new text.
 * @throws {UsageError} If the text is not a manifest, does not contain the plugin, or contains no other.
 */
export function removePlugin(text: string, location: string, specifier: string): string {
  const { plugins } = parseManifest(text, location), index = plugins.indexOf(specifier);
  if (index < 0) {
    throw new UsageError(`${location} does not contain the plugin ${specifier}; it contains ${plugins.join(", ")}`, {
      code: "unknown-part",
      option: "manifest",
    });
  }
  if (plugins.length === 1) {
    throw new UsageError(
      `${specifier} is the only plugin of ${location}, and a manifest needs one; add another plugin first`,
      { code: "invalid-manifest", option: "manifest" },
    );
  }
  const items = itemsOf(text), { from, to, comma, lineStart, lineEnd } = items[index]!;
  const isWholeLine = lineStart !== undefined && lineEnd !== undefined;
  let end = isWholeLine ? text.indexOf("\n", lineEnd) + 1 : to;
  const start = isWholeLine ? lineStart : from;
  if (!isWholeLine && comma !== undefined) end = comma + 1 + /^[ \t]*/.exec(text.slice(comma + 1))![0].length;
  if (comma !== undefined) return text.slice(0, start) + text.slice(end);
  // The last element has no comma, so the comma of the previous element is removed too.
  const last = items[index - 1]!.comma!, rest = isWholeLine ? text.slice(last + 1, start) : "";
  return text.slice(0, last) + rest + text.slice(end);
}
