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

Deno.test("ProcessTree does not count the memory of a parent again for a process that has not started its program", async () => {
  const script = "x=$(head -c 60000000 /dev/zero | tr '\\0' a); (echo ready; read y); :";
  const child = new Deno.Command("bash", { args: ["-c", script], stdin: "piped", stdout: "piped" }).spawn();
  const lines = child.stdout.getReader();
  await lines.read();
  const tree = new ProcessTree(child.pid);
  tree.look();
  equal(tree.seen.size, 2);
  const status = await Deno.readTextFile(`/proc/${child.pid}/status`),
    own = 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)![1]);
  ok(own > 6e7 && tree.peak < 1.5 * own, `${tree.peak} bytes, of which the parent has ${own}`);
  await child.stdin.close();
  await lines.cancel();
  await child.status;
});

Deno.test("shortest() takes the minimum of each", () => {
  equal(shortest([{ wall: 2, cpu: 5 }, { wall: 3, cpu: 4 }]), { wall: 2, cpu: 4 });
});
