/** What each task may do. What a permission is for stands in docs/plugins.md. */

/** What a task needs beside its own code. */
interface Needs {
  /** Files that people name may lie anywhere. */
  readonly write: boolean;
  /** Which programs it starts. */
  readonly run: "nothing" | "ffmpeg" | "ffmpeg and deno" | "anything";
  /** Whether native libraries may be wanted: onnxruntime, TensorFlow. */
  readonly ffi: boolean;
  /** What it asks of the system. */
  readonly sys?: readonly string[];
  /** Whether it fetches from hosts that are found out on the way. */
  readonly net?: boolean;
}

const TASKS = {
  interpolate: { write: true, run: "ffmpeg", ffi: true, sys: ["systemMemoryInfo"] },
  doctor: { write: false, run: "ffmpeg and deno", ffi: true, sys: ["systemMemoryInfo"] },
  convert: { write: true, run: "nothing", ffi: false },
  export: { write: true, run: "nothing", ffi: false },
  evaluate: { write: true, run: "ffmpeg", ffi: true },
  dataset: { write: true, run: "ffmpeg", ffi: false },
  train: { write: true, run: "nothing", ffi: true },
  setup: { write: true, run: "anything", ffi: true, net: true },
  plugin: { write: true, run: "nothing", ffi: false },
} as const satisfies Readonly<Record<string, Needs>>;

/** A task that is started with limits. */
export type TaskName = keyof typeof TASKS;

/** Whether a task is started with limits. */
export function isTask(name: string): name is TaskName {
  return Object.hasOwn(TASKS, name);
}

/** What was found out before a task starts. */
export interface MachineFacts {
  /** Paths of ffmpeg and ffprobe; `undefined` where the task has to download one first. */
  readonly ffmpeg: readonly string[] | undefined;
  /** Folder of downloads. */
  readonly cache: string;
  /** Whether a variable is set that decides which libraries programs load; Deno wants more trust for such programs. */
  readonly hasLoaderVariables: boolean;
  /** Servers that the command line or the manifest names. */
  readonly hosts: readonly string[];
  /** Deno itself. */
  readonly deno: string;
}

/** What slomo and its libraries read; others, tokens and keys among them, stay unread. */
const VARIABLES = [
  ..."INIT_CWD PATH HOME USERPROFILE LOCALAPPDATA NO_COLOR TERM SLOMO_* XDG_* TF_* CUDA_* PIP_* DENO_*".split(" "),
];

/** Backends that are no native libraries. */
const WITHOUT_LIBRARIES: ReadonlySet<string> = new Set(["wasm", "webgpu", "cpu"]);

/** The value of an option, however it is written. */
export function valueOf(args: readonly string[], name: string): string | undefined {
  for (const [i, arg] of args.entries()) {
    if (arg === "--") return undefined;
    if (arg === `--${name}`) return args[i + 1];
    if (arg.startsWith(`--${name}=`)) return arg.slice(name.length + 3);
  }
}

function runFlags(run: Needs["run"], { ffmpeg, hasLoaderVariables, deno }: MachineFacts): string[] {
  if (run === "nothing") return [];
  if (run === "anything" || ffmpeg === undefined || hasLoaderVariables) return ["--allow-run"];
  const programs = run === "ffmpeg" ? ffmpeg : [...ffmpeg, deno];
  return [`--allow-run=${programs.join(",")}`];
}

function wantsLibraries(task: TaskName, needs: Needs, args: readonly string[]): boolean {
  // Of the plugin's commands only `check` computes, and holds parts to what the engine makes of them.
  if (task === "plugin") return args[0] === "check" && !args.includes("--quick");
  return needs.ffi && !WITHOUT_LIBRARIES.has(valueOf(args, "backend") ?? "auto");
}

/** Whether something is written: of the plugin's commands all but one that looks alone; codecs are tried in a folder. */
function writes(task: TaskName, args: readonly string[]): boolean {
  return task !== "plugin" || args[0] !== "list";
}

/**
 * The flags of `deno run` for a task.
 *
 * @param args The task's arguments.
 */
export function permissionsOf(task: TaskName, args: readonly string[], facts: MachineFacts): string[] {
  const needs: Needs = TASKS[task],
    { hosts, ffmpeg, cache } = facts,
    list = (names: readonly string[]) => names.join(",");
  const downloads = needs.run.startsWith("ffmpeg") && ffmpeg === undefined;
  return [
    "--allow-read",
    ...needs.write && writes(task, args) ? ["--allow-write"] : downloads ? [`--allow-write=${cache}`] : [],
    `--allow-env=${list(VARIABLES)}`,
    ...runFlags(needs.run, facts),
    ...wantsLibraries(task, needs, args) ? ["--allow-ffi"] : [],
    ...needs.sys ? [`--allow-sys=${list(needs.sys)}`] : [],
    // JSR's packages come from there; nothing else is imported from the web unless it is named.
    `--allow-import=${list(["jsr.io:443", ...hosts])}`,
    ...needs.net || downloads ? ["--allow-net"] : hosts.length > 0 ? [`--allow-net=${list(hosts)}`] : [],
  ];
}
