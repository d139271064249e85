import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { helpText } from "../scripts/_options.ts";
import { TASKS } from "../scripts/checks/options_page.ts";
import { INTERPOLATE } from "../scripts/interpolate/options.ts";
import { presetLines } from "../scripts/interpolate/presets.ts";
import { inRepo } from "./_tools.ts";

const readme = await Deno.readTextFile(inRepo("README.md"));
const optionsOf = (text: string) => [...new Set(text.match(/(?<![\w-])--[a-z][a-z-]*/g))].sort();

Deno.test("README shows the example that this test runs, and it interpolates three frames per pair", async () => {
  const shown = /```ts\n([^]*?)```/.exec(readme)![1];
  equal(shown, await Deno.readTextFile(inRepo("examples/library.ts")));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", inRepo("examples/library.ts"), inRepo("examples/clip.mp4")],
  }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  equal(lines.map((line) => line.split("t = ")[1]), [
    "0",
    "0.25",
    "0.5",
    "0.75",
    "0",
    "0.25",
    "0.5",
    "0.75",
    "0",
    "0",
    "0",
    "0",
  ]);
});

Deno.test("docs/options.md and --help name the same options of each task", async () => {
  const page = await Deno.readTextFile(inRepo("docs/options.md"));
  for (const command of TASKS.flatMap(({ commands }) => commands)) {
    const section = page.split(`## ${command.name}\n`)[1]!.split("\n## ")[0]!;
    const table = section.split("\n").filter((line) => line.startsWith("| `--")).map((line) => line.split("|")[1]);
    const flags = helpText(command).split("\n").filter((line) => line.startsWith("  --")).map((line) =>
      line.slice(0, 24)
    );
    equal(optionsOf(table.join(" ")), optionsOf(flags.join(" ")));
  }
});

Deno.test("docs/options.md lists the presets and their options", async () => {
  const page = await Deno.readTextFile(inRepo("docs/options.md"));
  for (const line of presetLines(INTERPOLATE.options)) ok(page.includes(line), line);
});

Deno.test("commands in README and in docs/interpolate.md name tasks, options and files that exist", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(inRepo("deno.json")));
  const pages = readme + await Deno.readTextFile(inRepo("docs/interpolate.md")), help = helpText(INTERPOLATE);
  const commands = [...pages.matchAll(/```sh\n([^]*?)```/g)].flatMap(([, block]) => block!.trim().split("\n"));
  ok(commands.length > 5);
  for (const command of commands) {
    const [, task] = /^(?:deno task|sh run\.sh) (\S+)/.exec(command)!;
    ok(task! in tasks, command);
    if (task === "interpolate") {
      for (const name of optionsOf(command.replace(/ #.*/, ""))) ok(help.includes(name), command);
    }
  }
  for (const [, path] of readme.matchAll(/\]\(((?!http)[^)]+)\)/g)) ok(await Deno.stat(inRepo(path!)), path);
});
