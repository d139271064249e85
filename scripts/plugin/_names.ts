import { UsageError } from "@slomo/core";

/** Kinds of parts that a new plugin can have. */
export const KINDS = ["flow", "interpolator", "network", "warp", "loss", "media"] as const;

/** The forms of a new plugin's name. */
export interface NewNames {
  /** Name of the package: `@you/dense-flow`. */
  readonly package: string;
  /** Name of the part in a manifest: `dense-flow`. */
  readonly part: string;
  /** Name of the function that creates it, after `create`: `DenseFlow`. */
  readonly pascal: string;
}

/** Scope of a package if none is given. */
const DEFAULT_SCOPE = "you";

/** JSR's limits on scopes and names; words form an identifier. */
const NAME = /^(?:@([a-z][a-z\d-]{1,18}[a-z\d])\/)?([a-z][a-z\d]*(?:-[a-z][a-z\d]*)*)$/;
const MAX_LENGTH = 40;

/**
 * Returns the forms of a name.
 *
 * @throws {UsageError} If JSR does not accept it.
 */
export function newNames(name: string): NewNames {
  const [, scope = DEFAULT_SCOPE, part] = NAME.exec(name) ?? [];
  if (part === undefined || part.length > MAX_LENGTH) {
    throw new UsageError(
      `a plugin's name must be in kebab case, at most ${MAX_LENGTH} characters, such as dense-flow or @you/dense-flow; got "${name}"`,
    );
  }
  const pascal = part.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  return { package: `@${scope}/${part}`, part, pascal };
}

/** Replaces the names in a template. */
export function fillTemplate(text: string, { package: whole, part, pascal }: NewNames): string {
  return text
    .replaceAll("@scope/template-part", whole)
    .replaceAll("template-part", part)
    .replaceAll("TemplatePart", pascal);
}
