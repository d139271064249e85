import { reasonOf } from "@slomo/core";
import { downloadFfmpeg } from "@slomo/downloads";

/**
 * `deno task test`: runs the tests, and lists at the end those that were ignored; their names carry the reason. With
 * `tensorflow` it runs TensorFlow's tests only, with `soak` the long ones that `deno task test` leaves out, with `web` those in a browser,
 * with `queue` those on servers of queues.
 *
 * The tests on TensorFlow and those on WebGPU run in a process each, because TensorFlow's LLVM and that of Mesa's WebGPU
 * driver crash each other, and the driver several threads that use it.
 *
 * Types are not checked: `deno task check` does that.
 *
 * Tests run on the ffmpeg that slomo downloads, which starts five times faster than builds of many shared libraries;
 * `SLOMO_FFMPEG` selects another.
 */
const SOAK = "engine/tensorflow/soak_test.ts";

/** Arguments of `deno test` and environment variables of one run. */
interface Run {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const ON_TENSORFLOW = { SLOMO_TEST_BACKENDS: "tensorflow" };
const TENSORFLOW: Run = {
  args: [`--ignore=${SOAK}`, "engine/tensorflow", "ops", "tests/golden_test.ts"],
  env: ON_TENSORFLOW,
};
const WEBGPU: Run = {
  args: ["--filter=/ on webgpu/", "ops", "tests/golden_test.ts"],
  env: { SLOMO_TEST_BACKENDS: "webgpu" },
};
const OTHERS: Run = {
  args: ["--parallel", "--ignore=engine/tensorflow,tests/soak,tests/queue,web/browser"],
  env: { SLOMO_TEST_BACKENDS: "cpu,wasm" },
};
const RUNS: Readonly<Record<string, readonly Run[]>> = {
  test: [OTHERS, WEBGPU, TENSORFLOW],
  tensorflow: [TENSORFLOW],
  web: [{ args: ["web/browser"] }],
  queue: [{ args: ["tests/queue"] }],
  soak: [{ args: ["tests/soak"] }, { args: [SOAK], env: ON_TENSORFLOW }],
};

/** Returns the names of the ignored tests in the output of `deno test`. */
export function ignoredTests(output: string): string[] {
  return [...output.matchAll(/^(?:\S+ => )?(.+?) \.\.\. ignored \(/gm)].map(([, name]) => name!.trim());
}

/** Returns the environment variable that selects ffmpeg for the tests; none if the user has set it, or nothing can be downloaded. */
async function chooseFfmpeg(): Promise<Readonly<Record<string, string>>> {
  if (Deno.env.get("SLOMO_FFMPEG")) return {};
  try {
    return { SLOMO_FFMPEG: (await downloadFfmpeg(["ffmpeg", "ffprobe"])).ffmpeg };
  } catch (error) {
    console.error(`tests: cannot download ffmpeg: ${reasonOf(error)}; the tests run on the ffmpeg in the PATH`);
    return {};
  }
}

/** Runs `deno test`, passes its output on, and returns its exit code and ignored tests. */
async function runTests({ args, env = {} }: Run): Promise<{ readonly code: number; readonly ignored: string[] }> {
  const color = Deno.stdout.isTerminal() && !Deno.noColor;
  // Without it Mesa's driver writes an error whenever it starts.
  const folder = Deno.build.os === "linux" && !Deno.env.get("XDG_RUNTIME_DIR") ? { XDG_RUNTIME_DIR: "/tmp" } : {};
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...args],
    env: { ...folder, ...env, ...color ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" } },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const decoder = new TextDecoder();
  let output = "";
  for await (const chunk of child.stdout) {
    await Deno.stdout.write(chunk);
    output += decoder.decode(chunk, { stream: true });
  }
  // deno-lint-ignore no-control-regex
  return { code: (await child.status).code, ignored: ignoredTests(output.replace(/\x1b\[[\d;]*m/g, "")) };
}

if (import.meta.main) {
  const results = [], ffmpeg = await chooseFfmpeg();
  for (const run of RUNS[Deno.args[0] ?? "test"] ?? []) {
    results.push(await runTests({ ...run, env: { ...ffmpeg, ...run.env } }));
  }
  const ignored = [...new Set(results.flatMap((result) => result.ignored))];
  if (ignored.length > 0) console.log(`\nIgnored tests:\n${ignored.map((name) => `  ${name}`).join("\n")}`);
  Deno.exit(results.find(({ code }) => code !== 0)?.code ?? 0);
}
