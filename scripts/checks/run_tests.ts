import { reasonOf } from "@slomo/core";
import { downloadFfmpeg } from "@slomo/downloads";
import { fromFileUrl, join } from "@std/path";
import { filesOfCases, groupTests, testsIn, writeEntry } from "./test_groups.ts";

/**
 * `deno task test`: runs the tests, and lists at the end those that were ignored; their names carry the reason. With
 * `tensorflow` it runs TensorFlow's tests only, with `soak` the long ones that `deno task test` leaves out and more cases of
 * the others, with `web` those in a browser, with `queue` those on servers of queues, with `s3` those on an object
 * storage.
 *
 * Each group of tests runs in a process of its own, one more at once than there are cores, because tests also wait for the
 * programs that they start; up to {@linkcode MOST_PROCESSES}.
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
const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** Most processes at once: each takes up to 1 GB. */
const MOST_PROCESSES = 8;

/** Arguments of `deno test` and environment variables of one run. */
interface Run {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const ON_TENSORFLOW = { SLOMO_TEST_BACKENDS: "tensorflow" };
const WEB: Run = { name: "web", args: ["web/browser"] };
const QUEUE: Run = { name: "queue", args: ["--parallel", "tests/queue"] };
const S3: Run = { name: "s3", args: ["tests/s3"] };

/** Returns the runs of a task; the modules that groups of tests start with are written to a folder. */
async function runsOf(task: string, folder: string): Promise<readonly Run[]> {
  const onCpu = { SLOMO_TEST_BACKENDS: "cpu,wasm" };
  // In one isolate, which loads the modules once.
  const together = async (name: string, files: readonly string[]) => [
    ...["--config", join(ROOT, "deno.json")],
    await writeEntry(folder, name, ROOT, files),
  ];
  const onBackend = async (name: string, files: readonly string[], ...args: readonly string[]): Promise<Run> => ({
    name,
    args: [...args, ...await together(name, files)],
    env: { SLOMO_TEST_BACKENDS: name },
  });
  const onTensorflow = async () => {
    const files = (await testsIn(ROOT, ["engine/tensorflow", "ops"])).filter((file) => file !== SOAK);
    return onBackend("tensorflow", [...files, "tests/golden_test.ts"]);
  };
  const onWebgpu = (files: readonly string[]) => onBackend("webgpu", files, "--filter=/ on webgpu/");
  switch (task) {
    case "tensorflow":
      return [await onTensorflow()];
    case "web":
      return [WEB];
    case "queue":
      return [QUEUE];
    case "s3":
      return [S3];
    case "soak": {
      const args = ["--filter=/: more cases(: ignored, .*)?$/", ...await filesOfCases(ROOT)];
      const more = { name: "more cases", args, env: { ...onCpu, SLOMO_TEST_MORE: "1" } };
      const golden = await onWebgpu(["tests/soak/golden_test.ts"]);
      const long = { name: "soak", args: ["tests/soak"], env: onCpu };
      return [long, { name: "soak of TensorFlow", args: [SOAK], env: ON_TENSORFLOW }, golden, more];
    }
    default: {
      const runs = [await onTensorflow(), await onWebgpu(await testsIn(ROOT, ["engine/backends/webgpu", "ops"]))];
      for (const [name, files] of await groupTests(ROOT)) {
        runs.push({ name, args: await together(name, files), env: onCpu });
      }
      return runs;
    }
  }
}

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

/** Result of a run. */
interface Result {
  readonly name: string;
  readonly code: number;
  readonly ignored: readonly string[];
}

/** Runs `deno test` and returns its exit code and ignored tests. Its output is shown while it runs, or at its end. */
async function runTests({ name, args, env = {} }: Run, isLive: boolean): Promise<Result> {
  const color = Deno.stdout.isTerminal() && !Deno.noColor;
  // Without it Mesa's driver writes an error whenever it starts.
  const folder = Deno.build.os === "linux" && !Deno.env.get("XDG_RUNTIME_DIR") ? { XDG_RUNTIME_DIR: "/tmp" } : {};
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...args],
    cwd: ROOT,
    env: { ...folder, ...env, ...color ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" } },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (isLive) await writeAll(text);
    output += text;
  }
  if (!isLive) await writeAll(output);
  // deno-lint-ignore no-control-regex
  return { name, code: (await child.status).code, ignored: ignoredTests(output.replace(/\x1b\[[\d;]*m/g, "")) };
}

let written = Promise.resolve();

/** Writes text to standard output, after the texts of earlier calls. */
function writeAll(text: string): Promise<void> {
  return written = written.then(async () => {
    for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
      rest = rest.subarray(await Deno.stdout.write(rest));
    }
  });
}

/** Runs several at once, and returns their results in the order of their ends. */
async function runAll(runs: readonly Run[], processes: number): Promise<Result[]> {
  const results: Result[] = [], waiting = runs.values();
  const work = async () => {
    // All workers take from the same iterator.
    for (const run of waiting) results.push(await runTests(run, processes === 1));
  };
  await Promise.all(Array.from({ length: processes }, work));
  return results;
}

if (import.meta.main) {
  const ffmpeg = await chooseFfmpeg(), task = Deno.args[0] ?? "test";
  const folder = await Deno.makeTempDir({ prefix: "slomo-tests-" });
  let results: readonly Result[];
  try {
    const runs = (await runsOf(task, folder)).map((run) => ({ ...run, env: { ...ffmpeg, ...run.env } }));
    results = await runAll(runs, task === "test" ? Math.min(navigator.hardwareConcurrency + 1, MOST_PROCESSES) : 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const ignored = [...new Set(results.flatMap((result) => result.ignored))];
  if (ignored.length > 0) console.log(`\nIgnored tests:\n${ignored.map((name) => `  ${name}`).join("\n")}`);
  const broken = results.filter(({ code }) => code !== 0);
  if (broken.length > 0) {
    console.log(`\nRuns that failed:\n${broken.map(({ name, code }) => `  ${name} (exit code ${code})`).join("\n")}`);
  }
  if (task === "test") {
    console.log(
      "\nOther tasks run long tests and more cases (test:soak), and tests that need a browser (test:web) or servers " +
        "(test:queue, test:s3).",
    );
  }
  Deno.exit(broken[0]?.code ?? 0);
}
