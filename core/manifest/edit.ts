import { createScanner, findNodeAtLocation, type Node, parseTree } from "jsonc-parser";
import { UsageError } from "../errors.ts";
import { parseManifest } from "./parse.ts";

/** One element of a list in a text. */
interface Item {
  /** Where its value begins. */
  readonly from: number;
  /** Where its value ends. */
  readonly to: number;
  /** Where the comma after it begins, where there is one. */
  readonly comma: number | undefined;
  /** Where its line ends, comments after it and all; `undefined` where something else stands on that line. */
  readonly lineEnd: number | undefined;
  /** Where its line begins; `undefined` where something else stands on it before the value. */
  readonly lineStart: number | undefined;
}

/** Whether a token that begins so is space or a comment within a line. */
const isSpace = (first: string | undefined) => first !== undefined && " \t/".includes(first);
const isLineBreak = (first: string | undefined) => first !== undefined && "\r\n".includes(first);

function itemOf(text: string, { offset, length }: Node): Item {
  const to = offset + length, scanner = createScanner(text);
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
  // The comma may stand on a line further down.
  while (comma === undefined && (isSpace(first) || isLineBreak(first))) first = next();
  if (first === ",") comma ??= scanner.getTokenOffset();
  const before = text.lastIndexOf("\n", offset - 1) + 1;
  const isFirst = /^[ \t]*(?:\/\*[^\n]*\*\/[ \t]*)?$/.test(text.slice(before, offset));
  return { from: offset, to, comma, lineEnd, lineStart: isFirst ? before : undefined };
}

function itemsOf(text: string): Item[] {
  const list = findNodeAtLocation(parseTree(text, [], { allowTrailingComma: true })!, ["plugins"]);
  return list!.children!.map((node) => itemOf(text, node));
}

/**
 * A manifest's text with one more plugin, at the end of the list; comments, order and layout stay.
 *
 * @throws {UsageError} If the text is no manifest, or names the plugin already.
 */
export function addPlugin(text: string, location: string, specifier: string): string {
  const { plugins } = parseManifest(text, location);
  if (plugins.includes(specifier)) throw new UsageError(`${location} names ${specifier} already`);
  const { to, comma, lineStart, lineEnd } = itemsOf(text).at(-1)!, added = JSON.stringify(specifier);
  if (lineStart === undefined || lineEnd === undefined) {
    return `${text.slice(0, to)}, ${added}${text.slice(to)}`;
  }
  const indent = /^[ \t]*/.exec(text.slice(lineStart))![0], eol = text.includes("\r\n") ? "\r\n" : "\n";
  const line = `${eol}${indent}${added}${comma === undefined ? "" : ","}`;
  return text.slice(0, to) + (comma === undefined ? "," : "") + text.slice(to, lineEnd) + line + text.slice(lineEnd);
}

/**
 * A manifest's text without one of its plugins and what stands on its line; comments, order and layout of the rest stay.
 *
 * @throws {UsageError} If the text is no manifest, does not name the plugin, or names no other.
 */
export function removePlugin(text: string, location: string, specifier: string): string {
  const { plugins } = parseManifest(text, location), index = plugins.indexOf(specifier);
  if (index < 0) throw new UsageError(`${location} does not name ${specifier}; it names ${plugins.join(", ")}`);
  if (plugins.length === 1) throw new UsageError(`${specifier} is the only plugin of ${location}, which needs one`);
  const items = itemsOf(text), { from, to, comma, lineStart, lineEnd } = items[index]!;
  const isWholeLine = lineStart !== undefined && lineEnd !== undefined;
  let end = isWholeLine ? text.indexOf("\n", lineEnd) + 1 : to;
  const start = isWholeLine ? lineStart : from;
  if (!isWholeLine && comma !== undefined) end = comma + 1 + /^[ \t]*/.exec(text.slice(comma + 1))![0].length;
  if (comma !== undefined) return text.slice(0, start) + text.slice(end);
  // The last one without a comma: the one before it must lose its own.
  const last = items[index - 1]!.comma!, rest = isWholeLine ? text.slice(last + 1, start) : "";
  return text.slice(0, last) + rest + text.slice(end);
}
