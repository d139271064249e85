import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { testCases } from "../../tests/_more.ts";
import { type Ended, ffmpeg, list, NO_WORKERS, task, withFolder } from "../../tests/_tools.ts";
import { fillTemplate, KINDS, newNames } from "./_names.ts";

const plugin = (...args: string[]) => task("plugin", args);

async function deno(cwd: string, ...args: string[]): Promise<string> {
  const options = { args, cwd, env: { NO_COLOR: "1" } } as const;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  equal(code, 0, `deno ${args.join(" ")}: ${text}`);
  return text;
}

function refused({ code, out, err }: Ended, ...parts: string[]): void {
  equal([code, out], [2, ""], err);
  for (const part of parts) ok(err.includes(part), `"${err}" does not say "${part}"`);
}

testCases("plugin new writes packages that pass their own check", ["network"], KINDS, async (t, published) => {
  await withFolder(async (_, at) => {
    for (const kind of KINDS) {
      const { code, out, err } = await plugin("new", "@you/my-part", "--kind", kind, "--dir", at(kind), "--link");
      equal(code, 0, err);
      match(out, /@you\/my-part/);
      equal(await list(at(kind)), ["README.md", "deno.json", "mod.ts", "mod_test.ts", "slomo.json"]);
    }
    // Once for all packages; `tests/soak` checks their types, most of whose time goes into those of slomo.
    const first = at(KINDS[0]), tests = KINDS.map((kind) => at(`${kind}/mod_test.ts`));
    const config = ["--config", `${first}/deno.json`];
    const folders = KINDS.map((kind) => at(kind));
    await deno(first, "fmt", "--check", ...config, ...folders);
    await deno(first, "lint", ...config, ...folders);
    const output = await deno(first, "test", "--no-check", ...config, ...tests);
    match(output, /[1-9]\d* passed( \(\d+ steps\))? \| 0 failed/);
    equal(output.match(/^running [1-9]\d* tests? from \S*mod_test\.ts$/gm)?.length, KINDS.length, output);
    for (const kind of published) {
      await t.step(kind, async () => {
        const folder = at(kind), test = ["test", "--no-check"];
        await deno(folder, "fmt", "--check");
        await deno(folder, "lint");
        match(await deno(folder, ...test), /[1-9]\d* passed( \(\d+ steps\))? \| 0 failed/);
        match(await deno(folder, ...test, "-A"), /[1-9]\d* passed( \(\d+ steps\))? \| 0 failed \(/);
        const publish = await deno(folder, "publish", "--dry-run", "--allow-dirty", "--no-check");
        match(publish, /@you\/my-part@0\.1\.0/);
      });
    }
  });
});

Deno.test("plugin new writes files that are well formatted for the shortest and the longest name", async () => {
  await withFolder(async (folder, at) => {
    for (const kind of KINDS) {
      for (const name of ["a", "a-b", "@scope-of-20-letters/" + "abcdefghi-".repeat(4).slice(0, 39) + "z"]) {
        equal((await plugin("new", name, "--kind", kind, "--dir", at(`${kind}-${name.length}`))).err, "");
      }
    }
    await deno(folder, "fmt", "--check", "--config", at(`${KINDS[0]}-1/deno.json`), folder);
  });
});

Deno.test("plugin new writes a manifest with which tasks run the part", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=32x24:r=10:d=0.3", "-c:v", "ffv1", at("in.mkv"));
    for (const kind of ["interpolator", "warp", "media"]) {
      equal((await plugin("new", "my-part", "--kind", kind, "--dir", at(kind), "--link")).code, 0);
      const args = [at("in.mkv"), at(`${kind}.mkv`), "--manifest", at(`${kind}/slomo.json`), "--backend", "wasm"];
      const { code, err } = await task("interpolate", [...args, ...NO_WORKERS]);
      equal(code, 0, `${kind}: ${err}`);
    }
    equal((await plugin("new", "my-part", "--kind", "network", "--dir", at("network"), "--link")).code, 0);
    const { use, weights } = JSON.parse(await Deno.readTextFile(at("network/slomo.json")));
    equal([use.interpolator, use.flowEstimator, weights], [{ name: "my-part" }, undefined, undefined]);
  });
});

Deno.test("plugin new uses JSR's packages, and this copy of slomo only with --link", async () => {
  await withFolder(async (_, at) => {
    equal((await plugin("new", "--kind", "loss", "my-loss", "--dir", at("x"))).code, 0);
    const config = JSON.parse(await Deno.readTextFile(at("x/deno.json")));
    equal([config.name, config.exports, config.links], ["@you/my-loss", "./mod.ts", undefined]);
    match(config.imports["@slomo/core"], /^jsr:@slomo\/core@\^\d+\.\d+\.\d+$/);
  });
});

Deno.test("plugin new exits with 2 for usage errors", async (t) => {
  await withFolder(async (_, at) => {
    await Deno.mkdir(at("full"));
    await Deno.writeTextFile(at("full/x"), "precious");
    const cases: [string[], string[]][] = [
      [[], ["NAME"]],
      [["a", "b", "--kind", "loss"], ["one NAME"]],
      [["my-part"], ["--kind", "flow"]],
      [["my-part", "--kind", "sound"], ['"sound"', "media"]],
      [["My_Part", "--kind", "loss"], ['"My_Part"', "kebab"]],
      [["../part", "--kind", "loss"], ["kebab"]],
      [["a".repeat(41), "--kind", "loss"], ["40"]],
      [["my-part", "--kind", "loss", "--dir", at("full")], ["not empty"]],
      [["my-part", "--kind", "loss", "--dir", at("full/x")], ["is a file"]],
      [["my-part", "--knd", "loss"], ["--kind"]],
    ];
    for (const [args, parts] of cases) {
      await t.step(args.slice(0, 3).join(" "), async () => refused(await plugin("new", ...args), ...parts));
    }
    equal(await list(at("full")), ["x"]);
  });
});

Deno.test("plugin prints its help, and rejects unknown commands", async () => {
  const { code, out } = await plugin("--help");
  equal(code, 0);
  match(out, /plugin COMMAND/);
  match((await plugin("new", "--help")).out, /--kind KIND/);
  refused(await plugin("nwe"), '"nwe"', '"new"');
});

Deno.test("fillTemplate() replaces the names of the template by the forms of a name", () => {
  const names = newNames("@you/dense-flow");
  equal(
    fillTemplate(`"@scope/template-part" template-part createTemplatePart`, names),
    `"@you/dense-flow" dense-flow createDenseFlow`,
  );
  equal(newNames("a").package, "@you/a");
});
