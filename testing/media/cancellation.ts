import type { MediaHandler } from "@slomo/core";
import { check, failureOf, show } from "../check.ts";
import { begin, frameAt, listOf, writeOptions } from "./video.ts";
import { type MediaCase, type MediaSubject, videoFor } from "./subject.ts";

/** Longer than any codec holds frames back. */
const MANY = 200;

async function checkRead(codec: MediaHandler, location: string, name: string): Promise<void> {
  const reader = await codec.source!.open(location);
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

async function checkWrite({ codec, trial, folder, name }: MediaSubject): Promise<void> {
  const before = (await listOf(folder)).join(), target = trial.write!(folder).replace(/(\.\w+)?$/, "2$1");
  for (const isSignalled of [false, true]) {
    const control = new AbortController(), reason = new Error("enough");
    const writer = await begin(codec, writeOptions(target, trial.format), isSignalled ? control.signal : undefined);
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
    const { codec, name, trial } = subject;
    if (codec.source) await checkRead(codec, await videoFor(subject), name);
    if (trial.write) await checkWrite(subject);
  },
};
