import { join } from "@std/path";
import type { Wheel } from "./wheels.ts";

/** Names that a Python goes by; an environment that is switched on comes first in the PATH. */
const NAMES = Deno.build.os === "windows" ? ["python", "py"] : ["python3", "python"];

interface Result {
  readonly ok: boolean;
  readonly out: string;
  readonly error: string;
}

/** Runs Python; `undefined` where there is none. */
async function run(args: readonly string[], signal: AbortSignal, shown = false): Promise<Result | undefined> {
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

const FIND =
  `import importlib.util as u; s = u.find_spec("tensorflow"); print(list(s.submodule_search_locations)[0] if s else "")`;

/** The folder of the package `tensorflow` in the Python at hand, found without importing it. */
export async function pythonTensorflow(signal: AbortSignal): Promise<string | undefined> {
  const result = await run(["-c", FIND], signal);
  return result?.ok && result.out ? result.out : undefined;
}

/** Whether the Python at hand has pip. */
export async function hasPip(signal: AbortSignal): Promise<boolean> {
  return (await run(["-m", "pip", "--version"], signal))?.ok === true;
}

/** Downloads a wheel by pip, so that pip's index, proxy and certificates hold. Returns the reason where that fails. */
export async function pipDownload(wheel: Wheel, folder: string, signal: AbortSignal): Promise<string | undefined> {
  const [python = "", , ...platforms] = wheel.file.replace(/\.whl$/, "").split("-").slice(2);
  const requirements = join(folder, `${wheel.project}.txt`);
  await Deno.writeTextFile(requirements, `${wheel.project}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  const result = await run(
    [
      ...["-m", "pip", "download", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"],
      ...["--implementation", python.slice(0, 2), "--python-version", python === "py3" ? "3" : "3.11"],
      ...platforms.flatMap((platform) => platform.split(".")).flatMap((platform) => ["--platform", platform]),
      ...["--require-hashes", "--requirement", requirements, "--dest", folder],
    ],
    signal,
    true,
  );
  await Deno.remove(requirements);
  if (result === undefined) return "there is no Python";
  return result.ok ? undefined : result.error.split("\n").findLast((line) => line.startsWith("ERROR")) ?? result.error;
}
