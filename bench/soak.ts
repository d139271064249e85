/**
 * Measures memory over a long video: converts a video of 32×18 pixels by factor 2 on the command line. Garbage collection
 * makes memory go up and down, so that the least memory over the last tenth of the source frames is compared with the most
 * over frames 2,000 to 4,000; it must be within a fifth. Exits with 1 otherwise. Linux only.
 * `deno run -A bench/soak.ts [--frames 20000] [OPTION OF INTERPOLATE...]`. Frames are only blended unless the options name
 * another manifest. It runs as the task does, with a flag that limits V8's young generation.
 */
import { fromFileUrl, join } from "@std/path";
import { locateFfmpeg } from "../plugins/codecs/ffmpeg/locate.ts";
import { runProcess } from "../plugins/codecs/ffmpeg/process.ts";
import { memoryFlags } from "../scripts/start/memory.ts";

const EARLY = [2000, 4000] as const, LATE = 0.9, ALLOWED = 1.2, FACTOR = 2;

const at = Deno.args.indexOf("--frames");
const frames = at < 0 ? 20_000 : Number(Deno.args[at + 1]);
const others = at < 0 ? Deno.args : Deno.args.toSpliced(at, 2);
if (!(LATE * frames > EARLY[1])) throw new Error(`--frames must be above ${Math.ceil(EARLY[1] / LATE)}, got ${frames}`);

const path = (name: string) => fromFileUrl(new URL(`../${name}`, import.meta.url));
const manifest = others.includes("--manifest")
  ? []
  : ["--manifest", path("tests/fixtures/blend.json"), "--backend", "cpu"];

/** Returns the resident memory of a process in bytes. */
async function memoryOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

const folder = await Deno.makeTempDir({ prefix: "slomo-soak-" });
try {
  const video = join(folder, "long.mp4"), { ffmpeg } = await locateFfmpeg();
  const source = [
    "-f",
    "lavfi",
    "-i",
    `testsrc2=s=32x18:r=100:d=${frames / 100}`,
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
  ];
  const result = await runProcess(ffmpeg, ["-v", "error", "-nostdin", ...source, "-pix_fmt", "yuv420p", video]);
  if (result.code !== 0) throw new Error(result.errors.join("; "));

  const args = [
    "run",
    "-A",
    ...memoryFlags("interpolate"),
    path("scripts/interpolate.ts"),
    video,
    join(folder, "out.mkv"),
    "--json",
    ...manifest,
    ...others,
  ];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped", stderr: "inherit" }).spawn();
  const begun = performance.now();
  let early = 0, late = Infinity, peak = 0, done = 0, rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    const progress = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "frame");
    if (progress.length === 0) continue;
    done = progress.at(-1).done;
    // It ends by itself after the last frame.
    const memory = await memoryOf(child.pid).catch(() => NaN), source = done / FACTOR;
    if (Number.isNaN(memory)) continue;
    peak = Math.max(peak, memory);
    if (source >= EARLY[0] && source <= EARLY[1]) early = Math.max(early, memory);
    if (source >= LATE * frames && source < frames) late = Math.min(late, memory);
  }
  const { code } = await child.status, mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(`${done} frames written in ${seconds} s, exit code ${code}`);
  console.log(
    `memory: at most ${mebibytes(early)} at frames ${EARLY.join(" to ")}, at least ${
      mebibytes(late)
    } over the last tenth, ` +
      `at most ${mebibytes(peak)} over all`,
  );
  const isFlat = code === 0 && done === FACTOR * frames && late <= ALLOWED * early;
  console.log(isFlat ? `within ${Math.round(100 * (ALLOWED - 1))} %` : "not flat");
  if (!isFlat) Deno.exitCode = 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}
