import type { MediaHandler } from "@slomo/core";
import { check, failureOf, isUsageError, show } from "../check.ts";
import { checkOptions } from "../part.ts";
import {
  begin,
  COUNT,
  frameAt,
  listOf,
  type MediaCase,
  type MediaSubject,
  videoFor,
  writeOptions,
  writeVideo,
} from "./subject.ts";

async function checkSource(subject: MediaSubject): Promise<void> {
  const { handler: { source }, folder, name } = subject, location = await videoFor(subject);
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

async function checkSink({ handler, trial: { write, format }, folder, name }: MediaSubject): Promise<void> {
  const location = write!(`${folder}`);
  if ((await listOf(folder)).length === 0) await writeVideo(handler, location, format);
  const before = await bytesBelow(folder);
  const failure = await failureOf(async () => {
    const writer = await begin(handler, writeOptions(location, format));
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
    if (subject.handler.source) await checkSource(subject);
    if (subject.trial.write) await checkSink(subject);
  },
};

/** More frames than any encoder buffers. */
const MANY = 200;

async function checkRead(handler: MediaHandler, location: string, name: string): Promise<void> {
  const reader = await handler.source!.open(location);
  for (const wanted of [0, 1]) {
    const control = new AbortController(), reason = new Error("enough");
    if (wanted === 0) control.abort(reason);
    let count = 0;
    const failure = await failureOf(async () => {
      for await (const _ of reader.frames({ signal: control.signal })) {
        if (++count === wanted) control.abort(reason);
      }
    });
    const when = wanted === 0 ? "before it begins" : "after a frame";
    check(
      failure === reason,
      `${name}: reading that is aborted ${when} must throw the signal's reason, got ${show(failure)}`,
    );
  }
  await reader.close();
}

async function checkWrite({ handler, trial, folder, name }: MediaSubject): Promise<void> {
  const before = (await listOf(folder)).join(), target = trial.write!(folder).replace(/(\.\w+)?$/, "2$1");
  for (const isSignalled of [false, true]) {
    const control = new AbortController(), reason = new Error("enough");
    const writer = await begin(handler, writeOptions(target, trial.format), isSignalled ? control.signal : undefined);
    await writer.write(frameAt(0, trial.format));
    if (isSignalled) {
      control.abort(reason);
      const failure = await failureOf(async () => {
        for (let i = 1; i < MANY; i++) await writer.write(frameAt(i, trial.format));
        await writer.finish();
      });
      check(failure !== undefined, `${name}: writing continues to the end after an abort`);
    }
    await writer.abort();
    const left = (await listOf(folder)).join();
    check(
      left === before,
      `${name}: aborted writing leaves ${left || "nothing"} where ${before || "nothing"} was`,
    );
  }
}

/** An aborted operation ends and leaves no file. */
export const cancellation: MediaCase = {
  id: "cancellation",
  sentence: "stops on abort, and leaves no unfinished file",
  applies: () => true,
  async run(subject) {
    const { handler, name, trial } = subject;
    if (handler.source) await checkRead(handler, await videoFor(subject), name);
    if (trial.write) await checkWrite(subject);
  },
};
