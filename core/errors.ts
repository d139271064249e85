/**
 * What the caller asked for cannot be done as asked: a wrong option, a missing file, a manifest with a typo.
 * The message names the part, the rule, the value seen and the way out. Scripts exit with code 2.
 */
export class UsageError extends Error {
  /** `UsageError`, also where two copies of this package meet. */
  override readonly name = "UsageError";
}

/**
 * The job was well asked for and failed under way: a broken file, a full disk, a process that died.
 * The message names what, where, and what is left. Scripts exit with code 1.
 */
export class JobError extends Error {
  /** `JobError`, also where two copies of this package meet. */
  override readonly name = "JobError";
}
