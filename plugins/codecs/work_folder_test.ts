import { deepStrictEqual as equal, match, rejects } from "node:assert/strict";
import type { Resumption } from "@slomo/core";
import { join } from "@std/path";
import { z } from "zod";
import { withScratch } from "./_testing.ts";
import { WorkFolder, type WorkKind } from "./work_folder.ts";

/** A kind of work whose finished frames are one file each. */
const NAMES: WorkKind<readonly string[]> = {
  schema: z.array(z.string()),
  find: (_, done) => Promise.resolve({ done, frames: done.length }),
};

const names = async (folder: string) => (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();

function resumption(resume: boolean, facts: Record<string, string> = { model: "a", input: "b" }) {
  const said: string[] = [], asked = { times: 0 };
  const onEvent: Resumption["onEvent"] = ({ type, message }) => said.push(`${type}: ${message}`);
  const compute = () => {
    asked.times++;
    return Promise.resolve(facts);
  };
  return { resume, facts: compute, onEvent, said, asked };
}

Deno.test("WorkFolder keeps committed work for a run with the same facts", async () => {
  await withScratch(async ({ folder }) => {
    const place = { location: "o.mp4", folder, name: "o.mp4" }, first = resumption(false);
    const work = await WorkFolder.open(place, first, NAMES);
    equal(first.asked.times, 0, "facts are computed when there is work to store");
    await work.commit(["1", "2"]);
    equal(first.asked.times, 1);
    await work.leave();
    match(
      first.said.join(),
      /^note: the 2 frames finished so far are kept in .*; set `resume` to continue after them$/,
    );
    const second = resumption(true), resumed = await WorkFolder.open(place, second, NAMES);
    equal([resumed.taken, resumed.folder], [{ done: ["1", "2"], frames: 2 }, work.folder]);
    equal(second.said, ["note: continuing after the 2 frames that an interrupted run has finished"]);
    await resumed.remove();
    equal(await names(folder), []);
  });
});

Deno.test("WorkFolder discards work if facts differ, and names them", async () => {
  await withScratch(async ({ folder }) => {
    const place = { location: "o.mp4", folder, name: "o.mp4" };
    const work = await WorkFolder.open(place, resumption(false), NAMES);
    await work.commit(["1"]);
    await work.leave();
    const other = resumption(true, { model: "c", fps: "60", input: "b" });
    const fresh = await WorkFolder.open(place, other, NAMES);
    equal(fresh.taken, undefined);
    match(
      other.said.join(),
      /^warning: the 1 frames .* are discarded, because these settings changed: fps, model \(was a, is c\)$/,
    );
    await fresh.leave();
    equal((await WorkFolder.open(place, resumption(true), NAMES)).taken?.frames, 1);
  });
});

Deno.test("WorkFolder replaces the work of an earlier run only after the first commit", async () => {
  await withScratch(async ({ folder }) => {
    const place = { location: "o.mp4", folder, name: "o.mp4" };
    const work = await WorkFolder.open(place, resumption(false), NAMES);
    await work.commit(["1"]);
    await work.leave();
    const next = resumption(false), fresh = await WorkFolder.open(place, next, NAMES);
    match(
      next.said.join(),
      /^warning: the 1 frames .* will be deleted once this run finishes a segment; to keep them, stop now and set `resume`$/,
    );
    const base = join(work.folder, "..");
    equal((await names(base)).length, 4);
    await fresh.commit(["x"]);
    equal((await names(base)).length, 3);
    await fresh.leave();
    equal((await WorkFolder.open(place, resumption(true), NAMES)).taken?.done, ["x"]);
  });
});

Deno.test("WorkFolder leaves no files if nothing was finished, or without a resumption", async () => {
  await withScratch(async ({ folder }) => {
    const place = { location: "o.mp4", folder, name: "o.mp4" };
    await (await WorkFolder.open(place, resumption(true), NAMES)).leave();
    const work = await WorkFolder.open(place, undefined, NAMES);
    await work.commit(["1"]);
    await work.leave();
    equal(await names(folder), []);
  });
});

Deno.test("WorkFolder starts over if the state is damaged, and rejects a target that another run is writing", async () => {
  await withScratch(async ({ folder }) => {
    const place = { location: "o.mp4", folder, name: "o.mp4" };
    const work = await WorkFolder.open(place, resumption(false), NAMES);
    await work.commit(["1"]);
    await rejects(WorkFolder.open(place, resumption(true), NAMES), {
      name: "UsageError",
      message: /^o\.mp4: cannot write the file: another slomo process is writing it; wait/,
    });
    await work.leave();
    await Deno.writeTextFile(join(work.folder, "..", "state.json"), '{"format":1,"run":"../../x"');
    const after = resumption(true), fresh = await WorkFolder.open(place, after, NAMES);
    equal(fresh.taken, undefined);
    match(after.said.join(), /there is no finished work to resume; starting from the first frame/);
    await fresh.remove();
  });
});
