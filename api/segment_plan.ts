/** The plan of a video in segments: the files of its folder. */
import { JobError, UsageError, type VideoSpan } from "@slomo/core";
import { isObjectLocation, writeFileAtomic } from "@slomo/core/files";
import { decodeTask, encodeTask, type SegmentPlan, type SegmentTask } from "@slomo/core/segments";
import type { Rational } from "@slomo/core/time";
import { join } from "@std/path";
import { z } from "zod";

/** Name of the file of the plan. */
export const PLAN = "plan.json";

/** Name of the file with the facts about the machine that made the first segment. */
export const MAKER = "maker.json";

const fraction = z.string().regex(/^-?\d+\/\d+$/).transform((text): Rational => {
  const [num, den] = text.split("/") as [string, string];
  return { num: BigInt(num), den: BigInt(den) };
});

const facts = z.record(z.string(), z.string());

const schema = z.object({
  format: z.literal(1),
  facts,
  command: z.unknown().default(undefined),
  segments: z.int().min(1),
  frames: z.int().min(1),
  sourceFrames: z.int().min(1),
  interpolated: z.int().min(0),
  cuts: z.int().min(0),
  duplicates: z.int().min(0),
  span: z.object({ first: fraction, end: fraction }),
  tasks: z.string().regex(/^tasks-[\da-f]+$/),
});

/** The plan of a video in segments, as its folder holds it. */
export interface StoredPlan extends SegmentPlan {
  /** Everything that the plan depends on, by readable names. */
  readonly facts: Readonly<Record<string, string>>;
  /** How the program that planned was called, for the programs that make the segments. */
  readonly command: unknown;
  /** Folder of the tasks, in the folder of the segments. */
  readonly tasks: string;
}

/** Returns the text of a file of a folder, which may be in an object storage; `undefined` if there is none. */
export async function readText(folder: string, name: string): Promise<string | undefined> {
  if (!isObjectLocation(folder)) return await Deno.readTextFile(join(folder, name)).catch(() => undefined);
  const { openStorage } = await import("./storage.ts");
  return await (await openStorage()).readText(`${folder}/${name}`);
}

/**
 * Reads the plan of a folder; `undefined` if it has none.
 *
 * @param folder A folder, or its location in an object storage: `s3://…`.
 * @throws {UsageError} If the plan is damaged, or of another version of slomo.
 * @throws {JobError} If the object storage cannot be used.
 */
export async function readPlan(folder: string): Promise<StoredPlan | undefined> {
  const text = await readText(folder, PLAN);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`${folder}: cannot use its plan: it is damaged, or of another version of slomo; plan again`);
  }
}

const spanText = ({ first, end }: VideoSpan) => ({
  first: `${first.num}/${first.den}`,
  end: `${end.num}/${end.den}`,
});

/** Returns the name of the file of a task, relative to the folder. */
export const taskName = ({ tasks }: Pick<StoredPlan, "tasks">, index: number): string =>
  `${tasks}/${String(index).padStart(6, "0")}.json`;

const taskPath = (folder: string, plan: Pick<StoredPlan, "tasks">, index: number) =>
  join(folder, taskName(plan, index));

/**
 * Stores a plan. Whenever the process or the machine stops, the folder has a complete plan or none.
 *
 * @param plan Makes the plan, and passes on its tasks.
 */
export async function storePlan(
  folder: string,
  { facts, command }: Pick<StoredPlan, "facts" | "command">,
  plan: (onTask: (task: SegmentTask) => Promise<void>) => Promise<SegmentPlan>,
): Promise<StoredPlan> {
  const tasks = `tasks-${crypto.randomUUID().slice(0, 8)}`;
  await Deno.mkdir(join(folder, tasks), { recursive: true });
  try {
    const made = await plan((task) => Deno.writeTextFile(taskPath(folder, { tasks }, task.index), encodeTask(task)));
    const stored = { format: 1, facts, command, ...made, span: spanText(made.span), tasks };
    await writeFileAtomic(join(folder, PLAN), JSON.stringify(stored, undefined, 2));
    return { facts, command, ...made, tasks };
  } catch (error) {
    await Deno.remove(join(folder, tasks), { recursive: true }).catch(() => {});
    // Only if it is empty.
    await Deno.remove(folder).catch(() => {});
    throw error;
  }
}

/** @throws {JobError} If the task cannot be read. */
export async function readTask(folder: string, plan: StoredPlan, index: number): Promise<SegmentTask> {
  try {
    return decodeTask(await Deno.readTextFile(taskPath(folder, plan, index)));
  } catch (error) {
    if (error instanceof JobError) throw error;
    throw new JobError(`${folder}: cannot read the task of segment ${index}; plan again`, { cause: error });
  }
}

/**
 * Stores the facts about the machine that makes the first segment, unless another one has stored them.
 *
 * @returns The stored facts.
 */
export async function settleMaker(
  folder: string,
  own: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const path = join(folder, MAKER), read = () => Deno.readTextFile(path).catch(() => undefined);
  if (await read() === undefined) {
    const mine = join(folder, `${crypto.randomUUID()}.json`);
    await writeFileAtomic(mine, JSON.stringify(own, undefined, 2));
    // A link fails if there is a file of that name, and renaming would replace it. Some network file systems have no links.
    await Deno.link(mine, path).catch(async () => {
      if (await read() === undefined) await Deno.rename(mine, path);
    });
    await Deno.remove(mine).catch(() => {});
  }
  return facts.parse(JSON.parse((await read())!));
}
