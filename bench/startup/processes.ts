/** Reads the CPU time of a process and its descendants from `/proc`, in Linux. */

/** A process that was seen. */
export interface SeenProcess {
  /** Seconds from the start of the recording until it was first seen. */
  readonly begun: number;
  /** Its command line. */
  readonly command: string;
  /** CPU seconds of the process alone, when it was last seen. */
  cpu: number;
}

/** Clock ticks per second in `/proc`, which are the same on all common machines. */
const TICKS = 100;

const readText = (path: string): string => {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // The process has ended.
    return "";
  }
};

/** Returns the fields of `/proc/PID/stat` after the name of the program, which may contain spaces. */
function statOf(id: string): number[] {
  return readText(`/proc/${id}/stat`).replace(/^.*\) \S /s, "").split(" ").map(Number);
}

/** Records a tree of processes. */
export class ProcessTree {
  /** Processes by their ids, in the order in which they began. */
  readonly seen: Map<string, SeenProcess> = new Map();
  readonly #root: string;
  readonly #begun = performance.now();

  /** @param root Id of the topmost process. */
  constructor(root: number) {
    this.#root = `${root}`;
  }

  /** Looks at all processes, and returns the CPU seconds of the tree, with those of processes that have ended. */
  look(): number {
    const parents = new Map<string, string>(), times = new Map<string, readonly [own: number, all: number]>();
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const [parent, , , , , , , , , , user = 0, system = 0, endedUser = 0, endedSystem = 0] = statOf(name);
      if (parent === undefined || Number.isNaN(parent)) continue;
      parents.set(name, `${parent}`);
      const own = (user + system) / TICKS;
      times.set(name, [own, own + (endedUser + endedSystem) / TICKS]);
    }
    const isWithin = (id: string | undefined): boolean =>
      id === this.#root || id !== undefined && id !== "0" && isWithin(parents.get(id));
    let total = 0;
    for (const [id, [own, all]] of times) {
      if (!isWithin(id)) continue;
      total += all;
      const command = readText(`/proc/${id}/cmdline`).replaceAll("\0", " ").trim(), before = this.seen.get(id);
      // A new process has the command line of its parent until it starts its program.
      if (before && (command === "" || command === before.command)) before.cpu = Math.max(before.cpu, own);
      else if (command !== "") this.seen.set(id, { begun: before?.begun ?? this.seconds, command, cpu: own });
    }
    return total;
  }

  /** Seconds since the recording began. */
  get seconds(): number {
    return (performance.now() - this.#begun) / 1000;
  }
}
