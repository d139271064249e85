import assert from "node:assert/strict";
import { lastError, processError, runProcess, startProcess } from "./process.ts";
import { ON_WINDOWS, testUnless } from "../../../tests/_unless.ts";
import { withScratch } from "../_testing.ts";

const shell = (script: string, options = {}) => startProcess("sh", ["-c", script], options);

async function isAlive(pid: string): Promise<boolean> {
  return (await new Deno.Command("kill", { args: ["-0", pid], stderr: "null" }).output()).success;
}

testUnless(ON_WINDOWS, "runProcess() collects output, code and error lines", async () => {
  const { stdout, code, signal, errors } = await runProcess("sh", [
    "-c",
    "echo out; echo one >&2; echo two >&2; exit 3",
  ]);
  assert.deepEqual({ stdout, code, signal, errors }, {
    stdout: "out\n",
    code: 3,
    signal: null,
    errors: ["one", "two"],
  });
});

testUnless(ON_WINDOWS, "runProcess() kills a program that exceeds its timeout", async () => {
  const { signal } = await runProcess("sh", ["-c", "echo here; exec sleep 30"], { timeout: 50 });
  assert.equal(signal, "SIGKILL");
});

testUnless(ON_WINDOWS, "Process reads error output larger than a pipe and keeps the last lines", async () => {
  const { errors, code } = await runProcess("sh", [
    "-c",
    "i=0; while [ $i -lt 9000 ]; do echo 'line of noise' >&2; i=$((i+1)); done; echo last >&2",
  ]);
  assert.equal(code, 0);
  assert.equal(errors.at(-1), "last");
  assert.ok(errors.length < 2000);
});

testUnless(ON_WINDOWS, "Process.write() throws one JobError with the last line of an ended program", async () => {
  const child = shell("echo 'no such encoder' >&2; exit 1", { input: true });
  await child.exit;
  await assert.rejects(async () => {
    for (let i = 0; i < 100; i++) await child.write(new Uint8Array(100_000));
  }, { name: "JobError", message: "sh failed: no such encoder" });
  await child.closeInput();
  await child.kill();
});

testUnless(ON_WINDOWS, "Process.write() waits for a slow reader", async () => {
  await withScratch(async ({ path }) => {
    const gate = path("gate");
    assert.equal((await runProcess("mkfifo", [gate])).code, 0);
    const child = shell(`read _ < "${gate}"; wc -c`, { input: true });
    let written = 0;
    const writing = (async () => {
      for (; written < 20; written++) await child.write(new Uint8Array(65536));
      await child.closeInput();
    })();
    await new Promise((resolve) => setTimeout(resolve));
    assert.ok(written < 20, "a pipe cannot hold everything");
    await Deno.writeTextFile(gate, "\n");
    await writing;
    let out = "";
    for await (const chunk of child.output()) out += new TextDecoder().decode(chunk);
    assert.equal(out.trim(), String(20 * 65536));
    await child.exit;
  });
});

testUnless(ON_WINDOWS, "Process ends when it is aborted", async () => {
  const stop = new AbortController();
  const child = shell("echo $$; exec sleep 30", { signal: stop.signal });
  const { value } = await child.output().next();
  const pid = new TextDecoder().decode(value as Uint8Array).trim();
  assert.ok(await isAlive(pid));
  stop.abort();
  assert.equal((await child.exit).signal, "SIGKILL");
  assert.ok(!await isAlive(pid));
  await child.kill();
});

testUnless(ON_WINDOWS, "processError() names the signal that killed a program", async () => {
  const exit = await runProcess("sh", ["-c", "kill -SEGV $$"]);
  assert.equal(
    processError("/usr/bin/ffmpeg", exit, "reading a.ts").message,
    "ffmpeg, reading a.ts, was killed by signal SIGSEGV",
  );
});

Deno.test("startProcess() throws a JobError if the program does not exist", () => {
  assert.throws(() => startProcess("/nowhere/ffmpeg", []), { name: "JobError", message: /cannot start the program/ });
});

Deno.test("lastError() prefers the cause to its consequences", () => {
  assert.equal(
    lastError([
      "[libx264 @ 0x55d0c8a0] width not divisible by 2 (127x71)",
      "Error initializing output stream 0:0 -- Error while opening encoder for output stream #0:0",
      "Conversion failed!",
    ]),
    "[libx264] width not divisible by 2 (127x71)",
  );
});
