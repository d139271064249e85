import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { Makes } from "./makes.ts";

const { signal } = new AbortController();

/** Starts a step that ends when it is told to, and records what happens. */
function start(makes: Makes, video: string, seen: string[], stop: AbortSignal = signal) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = makes.run(video, stop, async () => {
    seen.push(`begins ${video}`);
    await promise;
    seen.push(`ends ${video}`);
  });
  return { end: resolve, done };
}

Deno.test("Makes makes segments of one video at once, and those of another one afterward", async () => {
  const makes = new Makes(), seen: string[] = [];
  const first = start(makes, "a", seen), second = start(makes, "a", seen), other = start(makes, "b", seen);
  first.end();
  await first.done;
  equal(seen, ["begins a", "begins a", "ends a"]);
  second.end();
  other.end();
  await other.done;
  equal(seen.slice(3), ["ends a", "begins b", "ends b"]);
});

Deno.test("Makes waits no longer when the signal aborts, and goes on after a step that fails", async () => {
  const makes = new Makes(), seen: string[] = [], stop = new AbortController();
  const first = start(makes, "a", seen), other = start(makes, "b", seen, stop.signal);
  stop.abort(new Error("stopped"));
  await rejects(other.done, /stopped/);
  first.end();
  await first.done;
  await rejects(makes.run("c", signal, () => Promise.reject(new Error("lost"))), /lost/);
  const last = start(makes, "d", seen);
  last.end();
  await last.done;
  equal(seen, ["begins a", "ends a", "begins d", "ends d"]);
});
