import { JobError, UsageError } from "@slomo/core";
import { fromFileUrl } from "@std/path";
import assert from "node:assert/strict";
import { explain } from "./_cli.ts";
import { ON_WINDOWS, testUnless } from "../tests/_unless.ts";

const MODULE = new URL("./_cli.ts", import.meta.url).href;
const ERRORS = new URL("../core/errors.ts", import.meta.url).href;

function start(main: string, env: Record<string, string> = {}): Deno.ChildProcess {
  const code = `import { runScript } from ${JSON.stringify(MODULE)};
    import { JobError, UsageError } from ${JSON.stringify(ERRORS)};
    await runScript({ commands: [], run: async (args, { signal }) => { ${main} } });`;
  return new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", code],
    cwd: fromFileUrl(new URL("..", import.meta.url)),
    env: { NO_COLOR: "1", SLOMO_DEBUG: "", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function outcome(main: string, env?: Record<string, string>): Promise<[number, string]> {
  const { code, stderr } = await start(main, env).output();
  return [code, new TextDecoder().decode(stderr)];
}

/** Interrupts the script when it prints that it is ready; `signals` times, each after another line. */
async function interrupted(main: string, signal: Deno.Signal, signals: number): Promise<[number, string]> {
  const child = start(main);
  const reader = child.stdout.getReader();
  for (let i = 0; i < signals; i++) {
    await reader.read();
    child.kill(signal);
  }
  const [status, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  await reader.cancel();
  return [status.code, stderr];
}

Deno.test("explain() distinguishes usage errors, failures and unexpected errors", () => {
  assert.deepEqual(explain(new UsageError("no such file")), { message: "no such file", code: 2 });
  assert.deepEqual(explain(new JobError("disk full")), { message: "disk full", code: 1 });
  assert.deepEqual(explain(new TypeError("a\nb")), { message: "unexpected error: a", code: 1 });
  assert.deepEqual(explain("text"), { message: "unexpected error: text", code: 1 });
});

Deno.test("runScript() exits with 0 and prints nothing if main succeeds", async () => {
  assert.deepEqual(await outcome(`setInterval(() => {}, 1000)`), [0, ""]);
});

Deno.test("runScript() prints one line and the code of the error", async () => {
  assert.deepEqual(await outcome(`throw new UsageError("factor must be 2")`), [2, "slomo: factor must be 2\n"]);
  assert.deepEqual(await outcome(`throw new JobError("disk full")`), [1, "slomo: disk full\n"]);
  assert.deepEqual(await outcome(`null.x`), [
    1,
    "slomo: unexpected error: Cannot read properties of null (reading 'x')\n",
  ]);
});

Deno.test("runScript() prints the stack only with SLOMO_DEBUG", async () => {
  const [code, text] = await outcome(`throw new JobError("disk full")`, { SLOMO_DEBUG: "1" });
  assert.equal(code, 1);
  assert.match(text, /^slomo: disk full\nJobError: disk full\n {4}at /);
});

Deno.test("runScript() reports an unhandled rejection", async () => {
  const main = `Promise.reject(new JobError("worker died")); await new Promise((done) => setTimeout(done, 10_000))`;
  assert.deepEqual(await outcome(main), [1, "slomo: worker died\n"]);
});

testUnless(
  ON_WINDOWS,
  `runScript() aborts main, waits for it and ends with 130 on SIGINT, 143 on SIGTERM`,
  async () => {
    const main = `const ready = setInterval(() => console.log("ready"), 20);
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
        .finally(() => { clearInterval(ready); console.error("tidied") })`;
    assert.deepEqual(await interrupted(main, "SIGINT", 1), [130, "tidied\nslomo: stopped\n"]);
    assert.deepEqual(await interrupted(main, "SIGTERM", 1), [143, "tidied\nslomo: stopped\n"]);
  },
);

testUnless(ON_WINDOWS, `runScript() ends at once on the second SIGINT`, async () => {
  const main = `console.log("ready"); const hold = setInterval(() => {}, 1000);
      signal.addEventListener("abort", () => console.log("again")); await new Promise(() => {})`;
  assert.deepEqual(await interrupted(main, "SIGINT", 2), [130, ""]);
});
