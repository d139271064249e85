import { join } from "@std/path";
import type { Wheel } from "./wheel.ts";

/** Names of Python in the PATH; an activated environment comes first there. */
const NAMES = Deno.build.os === "windows" ? ["python", "py"] : ["python3", "python"];

/** Result of {@linkcode runPython}. */
export interface PythonResult {
  /** Whether it exited with 0. */
  readonly ok: boolean;
  /** Standard output, trimmed; empty if it was shown. */
  readonly out: string;
  /** Standard error, trimmed. */
  readonly error: string;
}

/**
 * Runs Python.
 *
 * @param args Command-line arguments.
 * @param signal Ends the process.
 * @param shown Whether standard output goes to this process's.
 * @returns The result; `undefined` if there is no Python in the PATH.
 */
export async function runPython(
  args: readonly string[],
  signal: AbortSignal,
  shown = false,
): Promise<PythonResult | undefined> {
  for (const name of NAMES) {
    try {
      const stdout = shown ? "inherit" : "piped";
      const child = new Deno.Command(name, { args: [...args], stdin: "null", stdout, stderr: "piped", signal }).spawn();
      const [{ success }, out, error] = await Promise.all([
        child.status,
        shown ? "" : new Response(child.stdout).text(),
        new Response(child.stderr).text(),
      ]);
      signal.throwIfAborted();
      return { ok: success, out: out.trim(), error: error.trim() };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

/**
 * Returns whether the Python in the PATH has pip.
 *
 * @param signal Ends the process.
 * @returns Whether `python -m pip` works.
 */
export async function hasPip(signal: AbortSignal): Promise<boolean> {
  return (await runPython(["-m", "pip", "--version"], signal))?.ok === true;
}

/**
 * Downloads a wheel with pip, so that pip's index, proxy and certificates apply.
 *
 * @param wheel Wheel to download; pip verifies its hash.
 * @param folder Folder for the file.
 * @param signal Ends the process.
 * @param shown Whether pip shows its progress on standard output.
 * @returns `undefined` on success, otherwise the cause in one line.
 */
export async function pipDownload(
  wheel: Wheel,
  folder: string,
  signal: AbortSignal,
  shown: boolean,
): Promise<string | undefined> {
  const [python = "", , ...platforms] = wheel.file.replace(/\.whl$/, "").split("-").slice(2);
  const requirements = join(folder, `${wheel.project}.txt`);
  await Deno.writeTextFile(requirements, `${wheel.project}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  const result = await runPython(
    [
      ...["-m", "pip", "download", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"],
      ...["--implementation", python.slice(0, 2), "--python-version", "3.11"],
      ...platforms.flatMap((platform) => platform.split(".")).flatMap((platform) => ["--platform", platform]),
      ...["--require-hashes", "--requirement", requirements, "--dest", folder],
    ],
    signal,
    shown,
  );
  await Deno.remove(requirements);
  if (result === undefined) return "there is no Python";
  return result.ok ? undefined : result.error.split("\n").findLast((line) => line.startsWith("ERROR")) ?? result.error;
}
