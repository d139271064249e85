/** One thing that was looked for on this machine, for `deno task doctor`. */
export interface Finding {
  /** What was looked for: `encoder libx264`, `backend webgpu`, `weights`. */
  readonly what: string;
  /** `ok`: it works. `missing`: work can do without it. `broken`: the main job cannot be done. */
  readonly state: "ok" | "missing" | "broken";
  /** What was found, or why nothing was. */
  readonly found: string;
  /** What a person can do about it, where something is to be done. */
  readonly fix?: string | undefined;
}
