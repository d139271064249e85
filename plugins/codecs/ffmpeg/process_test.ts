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

const WRAPPED = "sleep 30 & echo $!; wait; echo never";

testUnless(ON_WINDOWS, "Process ends with the children of a script when it is aborted or killed", async () => {
  await withScratch(async ({ path }) => {
    // The child of the script keeps this pipe open until it ends.
    const pipe = path("pipe");
    assert.equal((await runProcess("mkfifo", [pipe])).code, 0);
    for (const isAborted of [true, false]) {
      const stop = new AbortController(), script = `sleep 30 9> "${pipe}" & wait`;
      const child = shell(script, { signal: stop.signal, input: true }), reader = await Deno.open(pipe);
      const output = child.output().next();
      const written = child.write(new Uint8Array(10_000_000)).catch((error) => error.name);
      if (isAborted) stop.abort();
      else await child.kill();
      assert.equal((await child.exit).signal, "SIGKILL");
      assert.equal((await output).done, true);
      assert.equal(await written, "JobError");
      assert.equal((await new Response(reader.readable).bytes()).length, 0);
    }
  });
});

testUnless(ON_WINDOWS, "Process ends although children of a script may not be killed", async () => {
  const script = `
    import { startProcess } from ${JSON.stringify(import.meta.resolve("./process.ts"))};
    const child = startProcess("sh", ["-c", ${JSON.stringify(WRAPPED)}]);
    const { value } = await child.output().next();
    await child.kill();
    console.log(new TextDecoder().decode(value).trim());`;
  await withScratch(async ({ path }) => {
    await Deno.writeTextFile(path("kill.ts"), script);
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-read", "--allow-run=sh", "--config", config, path("kill.ts")],
    }).output();
    const pid = new TextDecoder().decode(stdout).trim();
    assert.deepEqual([code, /^\d+$/.test(pid)], [0, true]);
    Deno.kill(Number(pid), "SIGKILL");
  });
});

testUnless(ON_WINDOWS, "Process.exit resolves after a signal that both processes get", async () => {
  const script = `
    import { startProcess } from ${JSON.stringify(import.meta.resolve("./process.ts"))};
    let isKnown = false;
    Deno.addSignalListener("SIGINT", () => isKnown = true);
    for (const end of ["kill -INT $$", "exit 255", "exit 130"]) {
      isKnown = false;
      await startProcess("sh", ["-c", "kill -INT $PPID; " + end]).exit;
      console.log(isKnown);
    }`;
  await withScratch(async ({ path }) => {
    await Deno.writeTextFile(path("signal.ts"), script);
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--config", config, path("signal.ts")],
    }).output();
    assert.equal(new TextDecoder().decode(stdout), "true\ntrue\ntrue\n");
  });
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
