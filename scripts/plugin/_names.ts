import { UsageError } from "@slomo/core";

/** A new plugin's name in its forms. */
export interface NewNames {
  /** Of the package: `@you/dense-flow`. */
  readonly package: string;
  /** Of the part in a manifest: `dense-flow`. */
  readonly part: string;
  /** Of the function that makes it, after `create`: `DenseFlow`. */
  readonly pascal: string;
}

/** Scope of a package whose author has named none. */
const NO_SCOPE = "you";

/** JSR's own limits on scopes and names, and within them words that make an identifier. */
const NAME = /^(?:@([a-z][a-z\d-]{1,18}[a-z\d])\/)?([a-z][a-z\d]*(?:-[a-z][a-z\d]*)*)$/;
const LONGEST = 40;

/**
 * The forms of a name that a person chose.
 *
 * @throws {UsageError} If JSR would not take it.
 */
export function newNames(name: string): NewNames {
  const [, scope = NO_SCOPE, part] = NAME.exec(name) ?? [];
  if (part === undefined || part.length > LONGEST) {
    throw new UsageError(
      `a plugin's name is in kebab case, at most ${LONGEST} letters, such as dense-flow or @you/dense-flow; got "${name}"`,
    );
  }
  const pascal = part.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  return { package: `@${scope}/${part}`, part, pascal };
}

/** The text of a template with the names in place of its own. */
export function fillTemplate(text: string, { package: whole, part, pascal }: NewNames): string {
  return text
    .replaceAll("@scope/template-part", whole)
    .replaceAll("template-part", part)
    .replaceAll("TemplatePart", pascal);
}
