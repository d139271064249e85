import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { join } from "@std/path";
import { inRepo, taskProcess, withFolder } from "../_tools.ts";

const guide = await Deno.readTextFile(inRepo("docs/plugins.md"));

/** The code blocks in order. */
const blocks = [...guide.matchAll(/```(\w+)\n([^]*?)```/g)].map(([, language, text]) => ({ language, text: text! }));

/** Commands that a test cannot run: they publish. */
const LEFT_OUT = ["deno publish"];

async function run(command: string, folder: string): Promise<string> {
  const [, args] = /^deno task plugin (.*)$/.exec(command) ?? [];
  if (args !== undefined) {
    const { code, out, err } = await taskProcess("plugin", args.split(" "), { cwd: folder });
    equal(code, 0, `${command}: ${out}${err}`);
    return out;
  }
  const [, place, name, ...rest] = /^cd (\S+) && (deno) (task check)$/.exec(command) ?? [];
  equal(name, "deno", `no way to run: ${command}`);
  const options = { args: rest[0]!.split(" "), cwd: join(folder, place!), env: { NO_COLOR: "1" } };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  equal(code, 0, text);
  return text;
}

Deno.test("docs/plugins.md builds a plugin: all its files and commands work in order", async (t) => {
  await withFolder(async (folder, at) => {
    const outputs: string[] = [];
    for (const { language, text } of blocks) {
      const file = /^\/\/ (\S+)\n/.exec(text);
      if (language === "ts") await Deno.writeTextFile(at(file![1]!), text.slice(file![0].length));
      if (language !== "sh") continue;
      for (const command of text.trim().split("\n").filter((line) => !LEFT_OUT.includes(line))) {
        await t.step(command, async () => void outputs.push(await run(command, folder)));
      }
    }
    const all = outputs.join("\n");
    match(all, /ok {6}loss "edge-loss" has gradients that agree with finite differences/);
    match(all, /@you\/edge-loss@0\.1\.0/);
    match(
      all,
      /@you\/edge-loss 0\.1\.0 \(local: \.\/edge-loss\/mod\.ts\)\n {2}loss edge-loss: [^]*brightness {2}number, at least 0; default 0\.1/,
    );
  });
});

Deno.test("links in docs/plugins.md have targets", async () => {
  for (const [, path] of guide.matchAll(/\]\(((?!http)[^)]+)\)/g)) ok(await Deno.stat(inRepo(`docs/${path}`)), path);
});
