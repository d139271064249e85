/** A scanned TypeScript file. */
export interface SourceFile {
  /** Path of the file; in the checks, relative to the repository, with forward slashes. */
  readonly path: string;
  /** The whole text. */
  readonly text: string;
  /** The text with comments replaced by spaces, with the same lines. */
  readonly code: string;
  /** String literals without their quotes, and the literal parts of templates. */
  readonly literals: readonly string[];
  /** Specifiers of imports that are literals, including type-only and dynamic imports. */
  readonly imports: readonly string[];
}

/** A stretch of source text. A `template` token is one literal part of a template, without its expressions. */
interface Token {
  readonly kind: "code" | "comment" | "string" | "template" | "regex";
  readonly text: string;
}

const CODE = /[^"'`/{}]+|[^]/y;
const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\//y;
const STRING = /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y;
const TEMPLATE = /[`}](?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const BEFORE_REGEX = /(?:^|[([{,;:=!&|?+\-*%^~<>]|\b(?:return|typeof|case|in|of))\s*$/;

/** Splits a source text into code, comments and literals. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  /** For each template expression around the current place, the number of braces open in it. */
  const depths: number[] = [];
  let at = 0, code = "";
  const take = (kind: Token["kind"], pattern: RegExp): Token | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    return found === undefined ? undefined : { kind, text: found };
  };
  const next = (): Token => {
    const char = text[at]!;
    const isTemplate = char === "`" || char === "}" && depths.at(-1) === 0;
    const special = isTemplate
      ? take("template", TEMPLATE)
      : char === "/"
      ? take("comment", COMMENT) ?? (BEFORE_REGEX.test(code) ? take("regex", REGEX) : undefined)
      : char === '"' || char === "'"
      ? take("string", STRING)
      : undefined;
    return special ?? take("code", CODE)!;
  };
  while (at < text.length) {
    const token = next();
    tokens.push(token);
    at += token.text.length;
    if (token.kind === "code") {
      code = (code + token.text).trimEnd().slice(-20);
      if (depths.length > 0 && /[{}]/.test(token.text)) depths.push(depths.pop()! + (token.text === "{" ? 1 : -1));
    } else if (token.kind !== "comment") code = '"';
    if (token.kind === "template") {
      if (token.text.startsWith("}")) depths.pop();
      if (token.text.endsWith("${")) depths.push(0);
    }
  }
  return tokens;
}

function literalOf({ kind, text }: Token): string[] {
  if (kind === "string") return [text.slice(1, -1)];
  return kind === "template" ? [text.slice(1, text.endsWith("${") ? -2 : -1)] : [];
}

/**
 * Scans a TypeScript file for its imports, literals and code.
 *
 * @param path Path of the file.
 * @param text The whole text.
 */
export function scanSource(path: string, text: string): SourceFile {
  const tokens = tokensOf(text), imports: string[] = [];
  let before = "", code = "";
  for (const { kind, text } of tokens) {
    if (kind === "string" && /\b(?:from|import|import\s*\()\s*$/.test(before)) imports.push(text.slice(1, -1));
    if (kind !== "comment") before = kind === "code" ? (before + text).slice(-20) : "";
    code += kind === "comment" ? text.replace(/[^\n]/g, " ") : text;
  }
  return { path, text, code, literals: tokens.flatMap(literalOf), imports };
}
