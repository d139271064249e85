import { deepStrictEqual as equal, match, rejects } from "node:assert/strict";
import { task, withFolder } from "../../tests/_tools.ts";
import { workerCommand } from "./command.ts";

const command = (input: string, output: string, options: Readonly<Record<string, string>> = {}) => ({
  input,
  output,
  options,
});

Deno.test("workerCommand() accepts objects below the roots of a worker, and no others", async () => {
  const roots = ["s3://videos/projects", "s3://more"];
  const read = (input: string, output: string, options = {}) =>
    workerCommand(command(input, output, options), {}, roots);
  const inside = { input: "s3://videos/projects/a/in.mp4", output: "s3://more/out.mp4" };
  equal((await read(inside.input, inside.output)).videos, inside);
  const outside = {
    name: "UsageError",
    option: "allowRoot",
    message: /is outside the folders that this worker may use/,
  };
  await rejects(read("s3://videos/projects2/in.mp4", inside.output), outside);
  await rejects(read(inside.input, "s3://other/out.mp4"), outside);
  await rejects(read("/videos/in.mp4", inside.output), outside);
  await rejects(read("http://127.0.0.1:80/in.mp4", inside.output), outside);
  await rejects(read(inside.input, inside.output, { flowOut: "s3://more/flow" }), outside);
  await rejects(
    read("s3://videos/projects/../in.mp4", inside.output),
    /must be s3:\/\/BUCKET\/KEY, without empty parts/,
  );
});

Deno.test("workerCommand() refuses objects if the roots are folders, and files if they are objects", async () => {
  await withFolder(async (folder, at) => {
    await Deno.writeTextFile(at("in.mp4"), "");
    const both = await workerCommand(command(at("in.mp4"), "s3://videos/out.mp4"), {}, [folder, "s3://videos"]);
    equal(both.videos, { input: at("in.mp4"), output: "s3://videos/out.mp4" });
    const outside = { option: "allowRoot" };
    await rejects(workerCommand(command(at("in.mp4"), "s3://videos/out.mp4"), {}, [folder]), outside);
    await rejects(workerCommand(command(at("in.mp4"), at("out.mp4")), {}, ["s3://videos"]), outside);
  });
});

Deno.test("a worker whose roots are not usable objects ends before it connects", async () => {
  const refused = async (root: string, message: RegExp) => {
    const { code, err } = await task("worker", ["redis://127.0.0.1:1", "--allow-root", root]);
    equal([code, err.trim().split("\n").length], [2, 1]);
    match(err, message);
  };
  const before = Deno.env.get("AWS_ACCESS_KEY_ID");
  Deno.env.delete("AWS_ACCESS_KEY_ID");
  await refused(
    "/videos,s3://videos",
    /^slomo: s3: cannot connect to .*: there are no credentials; set the environment/,
  );
  await refused("s3://videos/../other", /^slomo: s3:\/\/videos\/\.\.\/other: cannot use the location: it must be/);
  if (before !== undefined) Deno.env.set("AWS_ACCESS_KEY_ID", before);
});
