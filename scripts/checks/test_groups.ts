import { join, toFileUrl } from "@std/path";

/**
 * Groups of the tests: folders and files by name of the group, those that take longest first. A group runs in one isolate of
 * its own process, so that its modules are loaded once. A process stays small that way: starting a program takes longer the
 * more memory the process has.
 */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  cases: ["tests/cases_test.ts", "tests/cases_frames_test.ts", "tests/odd_videos_test.ts", "tests/bad_input_test.ts"],
  segments: ["tests/segments_test.ts", "tests/many_machines_test.ts", "tests/resume_test.ts"],
  tests: ["tests"],
  codecs: ["plugins/codecs"],
  writer: ["plugins/codecs/ffmpeg/write"],
  processes: ["scripts/plugin", "tests/outside_clone_test.ts", "tests/start_test.ts"],
  train: ["scripts/train"],
  scripts: ["scripts"],
  onnx: ["engine/onnx"],
  networks: ["plugins/flow-backbones", "plugins/losses", "testing", "examples"],
  engine: ["engine", "ops"],
  training: ["training", "weights"],
  web: ["web", "queue", "storage"],
  core: ["core", "api", "downloads", "bench", "links"],
};

/** Tests that other tasks and runs have. */
export const ELSEWHERE: readonly string[] = [
  "engine/tensorflow",
  "tests/soak",
  "tests/queue",
  "tests/s3",
  "web/browser",
];

const isWithin = (file: string, path: string): boolean => file === path || file.startsWith(`${path}/`);

/**
 * Returns the name of the group of a test file: the group that has the file, or the innermost of its folders.
 *
 * @param file Path of the file from the root of the repository.
 * @throws {Error} If no group has it.
 */
export function groupOf(file: string): string {
  const found = Object.entries(GROUPS).flatMap(([name, paths]) =>
    paths.filter((path) => isWithin(file, path)).map((path) => ({ name, path }))
  );
  const [group] = found.sort((a, b) => b.path.length - a.path.length);
  if (!group) {
    throw new Error(`tests: ${file} is in no group; add its folder to GROUPS in scripts/checks/test_groups.ts`);
  }
  return group.name;
}

async function* findTests(root: string, folder: string): AsyncGenerator<string> {
  for await (const { name, isFile, isDirectory } of Deno.readDir(join(root, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (name.startsWith(".") || name === "node_modules" || ELSEWHERE.includes(path)) continue;
    if (isDirectory) yield* findTests(root, path);
    else if (isFile && name.endsWith("_test.ts")) yield path;
  }
}

/** Returns the paths of the test files in folders below a root, sorted. */
export async function testsIn(root: string, folders: readonly string[]): Promise<string[]> {
  return (await Promise.all(folders.map((folder) => Array.fromAsync(findTests(root, folder))))).flat().sort();
}

/** Returns the paths of the test files of each group below a root, sorted. */
export async function groupTests(root: string): Promise<Map<string, string[]>> {
  const groups = new Map(Object.keys(GROUPS).map((name): [string, string[]] => [name, []]));
  for (const file of await testsIn(root, [""])) groups.get(groupOf(file))!.push(file);
  return groups;
}

/** Returns the test files that have more cases in `deno task test:soak`, sorted. */
export async function filesOfCases(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const file of [...(await groupTests(root)).values()].flat()) {
    if (/\btest\w*Cases\(/.test(await Deno.readTextFile(join(root, file)))) found.push(file);
  }
  return found.sort();
}

/**
 * Writes a module that imports test files, so that they share an isolate.
 *
 * @returns Its path.
 */
export async function writeEntry(
  folder: string,
  name: string,
  root: string,
  files: readonly string[],
): Promise<string> {
  const path = join(folder, `${name}_test.ts`);
  // One after another, because modules that are imported at once run at once where they wait, such as for a backend.
  const imports = files.map((file) => `await import(${JSON.stringify(toFileUrl(join(root, file)).href)});\n`);
  await Deno.writeTextFile(path, imports.join(""));
  return path;
}
