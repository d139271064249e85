import assert from "node:assert/strict";
import { z } from "zod";
import { withScratch } from "../_testing.ts";
import { type Answer, rememberAnswer } from "./answer_cache.ts";

/** A question to a file, with a count of how often it was asked. */
function questionTo(program: string, folder: string) {
  let asked = 0;
  const ask = () => Promise.resolve({ value: `answer ${++asked}`, isLasting: true });
  return async (
    args: readonly string[] = ["-version"],
    how: () => Promise<Answer<string>> = ask,
    files: readonly string[] = [],
  ) => await rememberAnswer({ programs: [program], files, args }, z.string(), how, { folder });
}

const filesIn = (folder: string) => Array.fromAsync(Deno.readDir(folder), ({ name }) => name);

Deno.test("rememberAnswer() asks once, and again after the program's file has changed", async () => {
  await withScratch(async ({ path }) => {
    const program = path("program"), ask = questionTo(program, path("cache"));
    await Deno.writeTextFile(program, "\x7fELF");
    assert.deepEqual([await ask(), await ask(), await ask(["-encoders"])], ["answer 1", "answer 1", "answer 2"]);
    await Deno.writeTextFile(program, "\x7fELF 2");
    assert.equal(await ask(), "answer 3");
    await Deno.utime(program, 1e9, 1e9);
    assert.deepEqual([await ask(), await ask()], ["answer 4", "answer 4"]);
  });
});

Deno.test("rememberAnswer() asks again where an entry is damaged, of another kind, or for another question", async () => {
  await withScratch(async ({ path }) => {
    const program = path("program"), folder = path("cache"), ask = questionTo(program, folder);
    await Deno.writeTextFile(program, "\x7fELF");
    await ask();
    const [name] = await filesIn(folder), file = `${folder}/${name}`, whole = await Deno.readTextFile(file);
    const question = JSON.parse(whole).key as string;
    const damaged = [
      whole.slice(0, -5),
      "",
      JSON.stringify({ format: 1, key: question, value: 7 }),
      JSON.stringify({ format: 2, key: question, value: "other" }),
      JSON.stringify({ format: 1, key: "other", value: "other" }),
    ];
    for (const [number, text] of damaged.entries()) {
      await Deno.writeTextFile(file, text);
      assert.deepEqual([await ask(), await ask()], [`answer ${number + 2}`, `answer ${number + 2}`], text);
    }
  });
});

Deno.test("rememberAnswer() keeps no answer of a script, of a missing program, or that may change", async () => {
  await withScratch(async ({ path }) => {
    const folder = path("cache");
    await Deno.writeTextFile(path("script"), "#!/bin/sh\n");
    await Deno.writeTextFile(path("program"), "\x7fELF");
    for (const name of ["script", "missing"]) {
      const ask = questionTo(path(name), folder);
      assert.deepEqual([await ask(), await ask()], ["answer 1", "answer 2"], name);
    }
    const failed = () => Promise.resolve({ value: "failed", isLasting: false });
    const ask = questionTo(path("program"), folder);
    assert.deepEqual([await ask(["-x"], failed), await ask(["-x"])], ["failed", "answer 1"]);
  });
});

Deno.test("rememberAnswer() keeps the newest answers only, and answers where none can be kept", async () => {
  await withScratch(async ({ path }) => {
    const program = path("program"), folder = path("cache"), ask = questionTo(program, folder);
    await Deno.writeTextFile(program, "\x7fELF");
    await Deno.mkdir(folder);
    for (let i = 0; i < 520; i++) await Deno.writeTextFile(`${folder}/${i}.json`, "");
    for (let i = 0; i < 520; i++) await Deno.utime(`${folder}/${i}.json`, 1e9 + i, 1e9 + i);
    await ask();
    const names = await filesIn(folder);
    assert.equal(names.length, 512);
    assert.ok(names.includes("519.json") && !names.includes("0.json"));
    assert.equal(await ask(), "answer 1");
    const blocked = questionTo(program, path("program"));
    assert.deepEqual([await blocked(), await blocked()], ["answer 1", "answer 2"]);
  });
});

Deno.test("rememberAnswer() asks again after a file has changed, and keeps answers about files apart", async () => {
  await withScratch(async ({ path }) => {
    const program = path("program"), file = path("file"), ask = questionTo(program, path("cache"));
    await Deno.writeTextFile(program, "\x7fELF");
    await Deno.writeTextFile(file, "1");
    const about = () => ask(["-i"], undefined, [file]);
    assert.deepEqual([await ask(["-i"]), await about(), await about()], ["answer 1", "answer 2", "answer 2"]);
    await Deno.writeTextFile(file, "12");
    assert.deepEqual([await about(), await ask(["-i"])], ["answer 3", "answer 1"]);
    const folders = ["cache", "cache-about-files"].map((name) => filesIn(path(name)));
    assert.deepEqual((await Promise.all(folders)).map((names) => names.length), [1, 2]);
  });
});

Deno.test("rememberAnswer() answers two processes at once", async () => {
  await withScratch(async ({ path }) => {
    const program = path("program"), folder = path("cache");
    await Deno.writeTextFile(program, "\x7fELF");
    const asks = Array.from({ length: 8 }, () => questionTo(program, folder)(["-version"]));
    assert.deepEqual(await Promise.all(asks), Array(8).fill("answer 1"));
    assert.equal((await filesIn(folder)).length, 1);
    assert.equal(await questionTo(program, folder)(), "answer 1");
  });
});
