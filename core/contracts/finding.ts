/** Result of a check of this machine, for `deno task doctor`. */
export interface Finding {
  /** Subject of the check: `encoder libx264`, `backend webgpu`, `weights`. */
  readonly what: string;
  /** `ok`: it works. `missing`: it is optional and absent. `broken`: it is required and does not work. */
  readonly state: "ok" | "missing" | "broken";
  /** Result in words: a version or a path, or the reason for the failure. */
  readonly found: string;
  /** Advice to the user, if there is something to fix. */
  readonly fix?: string | undefined;
}
