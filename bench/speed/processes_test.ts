import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { ProcessTree } from "../startup/processes.ts";
import { measureProgram, shortest } from "./processes.ts";

const { signal } = new AbortController();

const evaluate = (code: string, isFirst?: (line: string) => boolean) =>
  measureProgram("a test", [Deno.execPath(), "eval", code], signal, isFirst);

Deno.test("measureProgram() measures up to a line and up to the end, with all CPU time", async () => {
  const code = "console.log('a'); console.log('b'); for (let i = 0; i < 1e8; i++); console.log('c\\n')";
  const { whole, first, last } = await evaluate(code, (line) => line === "b");
  equal(last, "c");
  ok(first !== undefined && first.wall < whole.wall);
  ok(whole.cpu > 0 && whole.cpu >= first.cpu);
  equal((await evaluate("console.log('a')")).first, undefined);
});

Deno.test("measureProgram() reports why a program failed, in one line", async () => {
  await rejects(evaluate("console.error('first\\nsecond'); Deno.exit(3)"), {
    name: "JobError",
    message: "bench: cannot measure a test: second",
  });
});

Deno.test("ProcessTree keeps the peak of the resident memory", () => {
  const tree = new ProcessTree(Deno.pid);
  equal(tree.peak, 0);
  tree.look();
  const { peak } = tree, { rss } = Deno.memoryUsage();
  ok(peak > rss / 2, `${peak} bytes, ${rss} resident`);
  tree.look();
  ok(tree.peak >= peak);
});

Deno.test("shortest() takes the minimum of each", () => {
  equal(shortest([{ wall: 2, cpu: 5 }, { wall: 3, cpu: 4 }]), { wall: 2, cpu: 4 });
});
