/** The permissions of each task. docs/plugins.md explains each permission. */

/** A task and its permissions. */
interface TaskFacts {
  /** Description of the task, for the list of tasks. */
  readonly about: string;
  /** Whether it writes files, which may be anywhere. */
  readonly write: boolean;
  /** Programs that it starts. */
  readonly run: "nothing" | "ffmpeg" | "ffmpeg and deno" | "anything";
  /** Whether it may load native libraries: onnxruntime, TensorFlow. */
  readonly ffi: boolean;
  /** Whether `auto` may choose a GPU for it, which Deno measures in a separate process. @default {false} */
  readonly choosesGpu?: boolean;
  /** Facts about the system that it reads. */
  readonly sys?: readonly string[];
  /** Whether it connects to hosts other than known ones. */
  readonly net?: boolean;
  /** Port on which it listens, unless the options `host` and `port` say otherwise. */
  readonly port?: number;
}

/** All tasks. */
export const TASKS = {
  interpolate: {
    about: "Raise the frame rate of videos, or slow them down",
    ...{ write: true, run: "ffmpeg", choosesGpu: true, ffi: true, sys: ["systemMemoryInfo", "cpus"] },
  },
  segments: {
    about: "Make a video in segments, on any number of machines",
    ...{ write: true, run: "ffmpeg", choosesGpu: true, ffi: true, sys: ["systemMemoryInfo", "cpus"] },
  },
  web: {
    about: "Open a page to interpolate videos in the browser",
    ...{
      write: true,
      run: "ffmpeg",
      choosesGpu: true,
      ffi: true,
      sys: ["systemMemoryInfo", "cpus", "statfs"],
      port: 7272,
    },
  },
  worker: {
    about: "Make videos of a queue",
    ...{ write: true, run: "ffmpeg", choosesGpu: true, ffi: true, sys: ["systemMemoryInfo", "cpus", "hostname"] },
  },
  queue: {
    about: "List, watch, cancel and retry videos of a queue",
    ...{ write: false, run: "nothing", ffi: false },
  },
  doctor: {
    about: "Check what works on this machine",
    ...{ write: false, run: "ffmpeg and deno", ffi: true, sys: ["systemMemoryInfo"] },
  },
  evaluate: {
    about: "Measure interpolated frames against held-out frames",
    ...{ write: true, run: "ffmpeg", ffi: true, sys: ["cpus"] },
  },
  dataset: { about: "Cut videos into clips for training", write: true, run: "ffmpeg", ffi: false },
  train: { about: "Train the networks", write: true, run: "nothing", ffi: true },
  setup: { about: "Set up TensorFlow for training", write: true, run: "anything", ffi: true, net: true },
  export: { about: "Export the networks as an ONNX model", write: true, run: "nothing", ffi: false },
  convert: { about: "Convert a model to a weights file", write: true, run: "nothing", ffi: false },
  models: { about: "List, install and remove models by name", write: false, run: "anything", ffi: false, net: true },
  plugin: { about: "Create, check, add, list and remove plugins", write: true, run: "nothing", ffi: false },
} as const satisfies Readonly<Record<string, TaskFacts>>;

/** Name of a task. */
export type TaskName = keyof typeof TASKS;

/** Returns whether there is a task of this name. */
export function isTask(name: string): name is TaskName {
  return Object.hasOwn(TASKS, name);
}

/** Facts about the machine that decide permissions. */
export interface MachineFacts {
  /** Paths of ffmpeg and ffprobe; `undefined` if the task must download one first. */
  readonly ffmpeg: readonly string[] | undefined;
  /** Folder of downloads. */
  readonly cache: string;
  /** Folder for temporary files. */
  readonly temporary: string;
  /** Whether a variable is set that changes the libraries of programs, for which Deno requires `--allow-run`. */
  readonly hasLoaderVariables: boolean;
  /** Servers in the command line or the manifest, with ports. */
  readonly hosts: readonly string[];
  /** The object storage, if the task reads or writes objects. */
  readonly storage?: {
    /** Its server, with port. */
    readonly host: string;
    /** Environment variables with its address and credentials. */
    readonly variables: readonly string[];
  } | undefined;
  /** Path of Deno. */
  readonly deno: string;
}

/** Environment variables of slomo and its libraries. Others, such as tokens and keys, cannot be read. */
const VARIABLES = [
  ..."INIT_CWD PATH HOME USERPROFILE LOCALAPPDATA NO_COLOR TERM SLOMO_* XDG_* MALLOC_* TF_* CUDA_* PIP_* DENO_*".split(
    " ",
  ),
];

/** Backends without native libraries. */
const WITHOUT_LIBRARIES: ReadonlySet<string> = new Set(["wasm", "webgpu", "cpu"]);

/** Returns the value of an option: `--name value` or `--name=value`. The last one counts, as in the tasks. */
export function valueOf(args: readonly string[], name: string): string | undefined {
  const end = args.indexOf("--"), own = end < 0 ? args : args.slice(0, end), flag = `--${name}`;
  const at = own.findLastIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  return own[at] === flag ? own[at + 1] : own[at]?.slice(flag.length + 1);
}

/**
 * Returns whether a task may measure a GPU in a separate process: if `auto` may choose it. Such a task loads native
 * libraries, so that starting Deno permits nothing new.
 */
function measuresGpu({ choosesGpu = false }: TaskFacts, args: readonly string[]): boolean {
  return choosesGpu && (valueOf(args, "backend") ?? "auto") === "auto" && valueOf(args, "device") === undefined;
}

/** Returns whether a task starts a process for each of several devices. */
export function startsDevices(task: TaskName, args: readonly string[]): boolean {
  return task === "interpolate" && (valueOf(args, "device") ?? "").includes(",");
}

function runFlags(
  task: TaskName,
  needs: TaskFacts,
  args: readonly string[],
  { ffmpeg, hasLoaderVariables, deno }: MachineFacts,
): string[] {
  const { run } = needs;
  if (run === "nothing") return [];
  if (run === "anything" || ffmpeg === undefined || hasLoaderVariables) return ["--allow-run"];
  const startsDeno = measuresGpu(needs, args) || startsDevices(task, args);
  const programs = run === "ffmpeg" && !startsDeno ? ffmpeg : [...ffmpeg, deno];
  return [`--allow-run=${programs.join(",")}`];
}

/** Returns a host as `--allow-net` names it; `undefined` if it is not a name or an address, but a range such as 10.0.0.0/8. */
function hostFlag(host: string): string | undefined {
  if (host.includes(":")) return URL.canParse(`http://[${host}]`) ? `[${host}]` : undefined;
  return host.length < 254 && /^[\w-]{1,63}(\.[\w-]{1,63})*$/.test(host) ? host : undefined;
}

/**
 * Returns the address on which a task listens; without a port, the system chooses one. There is none if an option is wrong:
 * Deno would refuse to start, and the task reports the option.
 */
function addressOf(args: readonly string[], port: number): string[] {
  const host = hostFlag(valueOf(args, "host") ?? "127.0.0.1"), given = valueOf(args, "port") ?? `${port}`;
  const number = given.trim() === "" ? NaN : Number(given);
  if (host === undefined || !Number.isInteger(number) || number < 0 || number > 65535) return [];
  return [number === 0 ? host : `${host}:${number}`];
}

function wantsLibraries(task: TaskName, needs: TaskFacts, args: readonly string[]): boolean {
  // Of the commands of `plugin`, only `check` computes: it compares backends.
  if (task === "plugin") return args[0] === "check" && !args.includes("--quick");
  return needs.ffi && !WITHOUT_LIBRARIES.has(valueOf(args, "backend") ?? "auto");
}

/** Returns whether a task writes files anywhere. `plugin list` does not; `plugin check` tests media handlers in a folder. */
function writes(task: TaskName, args: readonly string[]): boolean {
  return TASKS[task].write && (task !== "plugin" || args[0] !== "list");
}

/** Returns the facts of a task, with those of its command: only `models add` downloads. */
function factsOf(task: TaskName, args: readonly string[]): TaskFacts {
  return task === "models" && args[0] !== "add" ? { ...TASKS[task], run: "nothing", net: false } : TASKS[task];
}

/** Returns whether a task loads the clients of queue servers. */
function loadsQueueClients(task: TaskName, args: readonly string[]): boolean {
  return task === "worker" || task === "queue" || valueOf(args, "queue") !== undefined;
}

/** Returns the servers of queues in a command line, with ports. */
function queueHosts(args: readonly string[]): string[] {
  return args.flatMap((arg) => {
    const url = URL.parse(arg.replace(/^--queue=/, "")), kind = /^(redis|postgres)/.exec(url?.protocol ?? "")?.[1];
    const host = hostFlag(url?.hostname.replace(/^\[|\]$/g, "") ?? "");
    return url && kind && host ? [`${host}:${url.port || (kind === "redis" ? 6379 : 5432)}`] : [];
  });
}

/** Returns where a task may write: anywhere, or for a worker in the folders of its videos, the cache and the temporary folder. */
function writeFlags(task: TaskName, args: readonly string[], { cache, temporary }: MachineFacts): string[] {
  const roots = task === "worker" ? valueOf(args, "allow-root") : undefined;
  if (roots === undefined) return ["--allow-write"];
  const folders = roots.split(",").filter((root) => !/^s3:\/\//i.test(root));
  return [`--allow-write=${[...folders, cache, temporary].filter((folder) => folder !== "").join(",")}`];
}

/**
 * Returns the flags of `deno run` for a task.
 *
 * @param args The task's arguments.
 */
export function permissionsOf(task: TaskName, args: readonly string[], facts: MachineFacts): string[] {
  const needs = factsOf(task, args),
    { hosts, ffmpeg, cache, storage } = facts,
    list = (names: readonly string[]) => names.join(",");
  const downloads = needs.run.startsWith("ffmpeg") && ffmpeg === undefined;
  const remembers = task === "doctor" && args.includes("--measure") ||
    task === "models" && ["add", "remove"].includes(args[0]!);
  const server = needs.port === undefined ? [] : addressOf(args, needs.port),
    // ffmpeg reads objects through a relay on any free port.
    relay = storage === undefined ? [] : [storage.host, "127.0.0.1:0"],
    connects = [...hosts, ...server, ...queueHosts(args), ...relay];
  return [
    "--allow-read",
    ...writes(task, args) ? writeFlags(task, args, facts) : downloads || remembers ? [`--allow-write=${cache}`] : [],
    `--allow-env=${list([...VARIABLES, ...storage?.variables ?? []])}`,
    // The client of Redis lists all variables, also when it is only loaded; it sees those above.
    ...loadsQueueClients(task, args) ? ["--ignore-env"] : [],
    ...runFlags(task, needs, args, facts),
    ...wantsLibraries(task, needs, args) ? ["--allow-ffi"] : [],
    ...needs.sys ? [`--allow-sys=${list(needs.sys)}`] : [],
    // Packages of JSR are imported from there, and other modules only from hosts that are named.
    `--allow-import=${list(["jsr.io:443", ...hosts])}`,
    ...needs.net || downloads ? ["--allow-net"] : connects.length > 0 ? [`--allow-net=${list(connects)}`] : [],
  ];
}
