import { equal, match, ok } from "node:assert/strict";
import { TASKS } from "../scripts/start/permissions.ts";
import { testCases } from "./_more.ts";
import { type Ended, inRepo, withFolder } from "./_tools.ts";
import { ON_WINDOWS, testUnless } from "./_unless.ts";

/** Runs a script with flags of `deno run`, without a terminal. */
async function start(flags: readonly string[], args: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, ...args],
    stdin: "null",
    env: { NO_COLOR: "1", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) } satisfies Ended;
}

const MAIN = inRepo("scripts/main.ts"), INTERPOLATE = inRepo("scripts/interpolate.ts");

Deno.test("the start needs no program but Deno", async () => {
  await withFolder(async (folder) => {
    const { code, out, err } = await start(["-A"], [MAIN, "interpolate", "--version"], { PATH: folder });
    equal(code, 0, err);
    match(out, /^slomo \d/);
  });
});

Deno.test("missing permissions are reported in one line, by the start script and by the tasks", async () => {
  for (const flags of [[], ["--allow-read"], ["--allow-read", "--allow-env"]]) {
    const { code, out, err } = await start(flags, [MAIN, "interpolate", "a.mp4", "b.mp4"]);
    equal([code, out, err.trim().split("\n").length].join(), "1,,1", err);
    match(err, /^slomo: cannot start interpolate: .*--allow-run.* missing; run it with `deno run -A`/);
  }
  for (const flags of [[], ["--allow-read"]]) {
    const { code, out, err } = await start(flags, [INTERPOLATE, "a.mp4", "b.mp4"]);
    equal([code, out, err.trim().split("\n").length].join(), "1,,1", err);
    ok(/^slomo: .*--allow-env/.test(err) && !err.includes("    at "), err);
  }
});

const FEW = ["interpolate", "web", "worker"], MORE = Object.keys(TASKS).filter((task) => !FEW.includes(task));

testCases("every task prints its help with its own permissions", FEW, MORE, async (_, tasks) => {
  for (const task of tasks) {
    const { code, out, err } = await start(["-A"], [MAIN, task, "--help"]);
    equal(code, 0, err);
    match(out, /^Usage: /);
  }
});

Deno.test("tasks reject a wrong server of queues in one line", async () => {
  for (
    const args of [["worker", "x", "--allow-root", "/tmp"], ["queue", "x", "list"], [
      "interpolate",
      "a",
      "b",
      "--queue",
      "x",
    ]]
  ) {
    const { code, out, err } = await start(["-A"], [MAIN, ...args]);
    equal([code, out, err.trim().split("\n").length].join(), "2,,1", err);
    match(err, /^slomo: .*must be the URL of a server, such as redis:/);
  }
});

testUnless(ON_WINDOWS, "run.sh starts the tasks for users, and those of deno.json", async () => {
  const run = async (...args: readonly string[]) => {
    const { code, stdout } = await new Deno.Command("sh", { args: [inRepo("run.sh"), ...args] }).output();
    return [code, new TextDecoder().decode(stdout).split("\n")[0]];
  };
  const [code, version] = await run("interpolate", "--version");
  equal(code, 0);
  match(`${version}`, /^slomo \d/);
  equal((await run())[0], 2);
  equal((await run("no-such-task"))[0], 1);
});
