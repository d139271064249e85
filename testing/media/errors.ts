import { check, failureOf, isUsageError, show } from "../check.ts";
import { checkOptions } from "../refused_options.ts";
import { begin, COUNT, frameAt, listOf, writeOptions, writeVideo } from "./video.ts";
import { type MediaCase, type MediaSubject, videoFor } from "./subject.ts";

async function checkSource(subject: MediaSubject): Promise<void> {
  const { codec: { source }, folder, name } = subject, location = await videoFor(subject);
  const isFile = location.startsWith(folder);
  const missing = isFile ? `${folder}/missing/${location.slice(folder.length + 1)}` : `${location}?`;
  const failure = await failureOf(() => source!.open(missing));
  check(
    isUsageError(failure) && failure.message.includes(isFile ? "missing" : missing),
    `${name}: opening a location that does not exist must throw a UsageError that names it, got ${
      show(failure ?? "a result")
    }`,
  );
  for (const location of ["", folder, `${folder}/no.such.ending`]) {
    const failure = await failureOf(() => source!.accepts(location));
    check(failure === undefined, `${name}: accepts("${location}") must return false, but throws ${show(failure)}`);
  }
}

async function checkSink({ codec, trial: { write, format }, folder, name }: MediaSubject): Promise<void> {
  const location = write!(`${folder}`);
  if ((await listOf(folder)).length === 0) await writeVideo(codec, location, format);
  const before = await bytesBelow(folder);
  const failure = await failureOf(async () => {
    const writer = await begin(codec, writeOptions(location, format));
    try {
      for (let i = 0; i < COUNT; i++) await writer.write(frameAt(i, format));
      await writer.finish();
    } catch (error) {
      await writer.abort();
      throw error;
    }
  });
  check(
    isUsageError(failure),
    `${name}: an existing target must cause a UsageError, got ${show(failure ?? "a new video")}`,
  );
  check(await bytesBelow(folder) === before, `${name}: an existing target was changed without overwrite`);
}

/** Names and sizes of all files below a folder. */
async function bytesBelow(folder: string): Promise<string> {
  const files = await Promise.all((await listOf(folder)).map(async (name) => {
    const { size, isFile } = await Deno.stat(`${folder}/${name}`);
    return `${name} ${isFile ? size : ""}`;
  }));
  return files.join();
}

/** Invalid input is rejected as the contract defines. */
export const errors: MediaCase = {
  id: "errors",
  sentence: "rejects missing files, existing targets and unknown options, with errors of the right type",
  applies: () => true,
  async run(subject) {
    await checkOptions(subject.definition, {});
    if (subject.codec.source) await checkSource(subject);
    if (subject.trial.write) await checkSink(subject);
  },
};
