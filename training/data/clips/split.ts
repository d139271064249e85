import { hashKeys } from "../random.ts";

/** A source of clips as far as splitting looks at it. */
export interface SplitSource {
  /** All sources of a group, such as the parts of one video, go to the same half. */
  readonly group: string;
  /** The half that the data set's own lists name. */
  readonly split?: "train" | "validation" | undefined;
}

/**
 * Which groups are for validation: those that a data set's lists say, and where no list says anything, `share` of the
 * groups by a hash of their names, one at least where there are two.
 */
export function chooseValidation(sources: readonly SplitSource[], share: number): ReadonlySet<string> {
  const listed = sources.filter(({ split }) => split === "validation").map(({ group }) => group);
  if (sources.some(({ split }) => split !== undefined)) return new Set(listed);
  const groups = [...new Set(sources.map(({ group }) => group))]
    .sort((a, b) => hashKeys([a]) - hashKeys([b]) || (a < b ? -1 : 1));
  if (share === 0 || groups.length < 2) return new Set();
  return new Set(groups.slice(0, Math.min(groups.length - 1, Math.max(1, Math.round(share * groups.length)))));
}
