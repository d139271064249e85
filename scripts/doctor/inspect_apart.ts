import type { Finding } from "@slomo/core";

/**
 * Runs `doctor/SCRIPT.ts` in a separate process, because a broken driver or library may crash it, and
 * some of them crash each other. The script prints findings as JSON; `what` names the part if it could not.
 */
export async function inspectApart(what: string, script: string, ...args: readonly string[]): Promise<Finding[]> {
  const { code, signal, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL(`./${script}.ts`, import.meta.url).href, ...args],
    stdin: "null",
    stderr: Deno.env.has("TF_CPP_MIN_LOG_LEVEL") ? "inherit" : "null",
  }).output();
  if (code === 0) return JSON.parse(new TextDecoder().decode(stdout));
  const found = `it crashes the process${signal ? ` with ${signal}` : ""}: its driver or library is broken`;
  return [{ what, state: "missing", found, fix: "update the driver, or use another --backend" }];
}
