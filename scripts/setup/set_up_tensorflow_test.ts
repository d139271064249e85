import { match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "@std/path";
import { removeTensorflow, setUpTensorflow } from "./set_up_tensorflow.ts";

const report = { say: () => {}, progress: () => {}, showPip: false };
const signal = new AbortController().signal;

Deno.test("setUpTensorflow() reports the error of the given folder, and records nothing", async () => {
  const cache = await Deno.makeTempDir();
  try {
    const set = (libtensorflow: string) => setUpTensorflow({ libtensorflow, cuda: false, cache }, report, signal);
    await rejects(set(cache), /has none of libtensorflow_cc\.so\.2/);
    await Deno.mkdir(join(cache, "lib"));
    await Deno.writeTextFile(join(cache, "lib", "libtensorflow_cc.so.2"), "no library");
    const error: Error = await set(cache).then(() => new Error("done"), (e) => e);
    match(
      error.message,
      /^tensorflow is not set up: --libtensorflow: tensorflow: cannot load .*libtensorflow_cc\.so\.2/,
    );
    ok(!error.message.includes("\n"));
    strictEqual([...Deno.readDirSync(cache)].length, 1);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("removeTensorflow() removes the files of setup and nothing else", async () => {
  const cache = await Deno.makeTempDir();
  try {
    strictEqual(await removeTensorflow(cache), false);
    await Deno.mkdir(join(cache, "libtensorflow", "2.21.0-cpu"), { recursive: true });
    await Deno.writeTextFile(join(cache, "libtensorflow.json"), "{}");
    await Deno.writeTextFile(join(cache, "other"), "");
    strictEqual(await removeTensorflow(cache), true);
    strictEqual([...Deno.readDirSync(cache)].map(({ name }) => name).join(), "other");
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});
