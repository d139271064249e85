/** Reads the CPU time and memory of a process and its descendants from `/proc`, in Linux. */

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

/** Bytes of a page on x86-64, and on most other machines. */
const PAGE = 4096;

/** Indices of fields in {@linkcode statOf}. */
const PARENT = 0, USER = 10, SYSTEM = 11, ENDED_USER = 12, ENDED_SYSTEM = 13, PAGES = 20;

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

/** Returns the CPU seconds of all ended processes that this one has started, with their descendants. */
export function endedSeconds(): number {
  const stat = statOf("self");
  return (stat[ENDED_USER]! + stat[ENDED_SYSTEM]!) / TICKS;
}

/** Records a tree of processes. */
export class ProcessTree {
  /** Processes by their ids, in the order in which they began. */
  readonly seen: Map<string, SeenProcess> = new Map();
  /**
   * Peak of the resident memory of all processes together, in bytes. Pages that they share count for each, but not for a process
   * that has not started its program yet: it shares all pages of its parent.
   */
  peak = 0;
  readonly #root: string;
  readonly #begun = performance.now();

  /** @param root Id of the topmost process. */
  constructor(root: number) {
    this.#root = `${root}`;
  }

  /** Looks at all processes, and returns the CPU seconds of the tree, with those of processes that have ended. */
  look(): number {
    const parents = new Map<string, string>();
    const facts = new Map<string, { readonly own: number; readonly all: number; readonly memory: number }>();
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const stat = statOf(name), parent = stat[PARENT];
      if (parent === undefined || Number.isNaN(parent)) continue;
      parents.set(name, `${parent}`);
      const own = (stat[USER]! + stat[SYSTEM]!) / TICKS;
      facts.set(name, {
        own,
        all: own + (stat[ENDED_USER]! + stat[ENDED_SYSTEM]!) / TICKS,
        memory: PAGE * stat[PAGES]!,
      });
    }
    const isWithin = (id: string | undefined): boolean =>
      id === this.#root || id !== undefined && id !== "0" && isWithin(parents.get(id));
    const within = [...facts].filter(([id]) => isWithin(id));
    const commands = new Map(within.map(([id]) => [id, readText(`/proc/${id}/cmdline`).replaceAll("\0", " ").trim()]));
    let total = 0, resident = 0;
    for (const [id, { own, all, memory }] of within) {
      total += all;
      const command = commands.get(id)!, before = this.seen.get(id);
      if (command !== commands.get(parents.get(id)!)) resident += memory;
      // A new process has the command line of its parent until it starts its program.
      if (before && (command === "" || command === before.command)) before.cpu = Math.max(before.cpu, own);
      else if (command !== "") this.seen.set(id, { begun: before?.begun ?? this.seconds, command, cpu: own });
    }
    this.peak = Math.max(this.peak, resident);
    return total;
  }

  /** Seconds since the recording began. */
  get seconds(): number {
    return (performance.now() - this.#begun) / 1000;
  }
}
