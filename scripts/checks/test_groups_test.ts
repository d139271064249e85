import { toFileUrl } from "@std/path";
import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { inRepo, withFolder } from "../../tests/_tools.ts";
import { filesOfCases, groupOf, GROUPS, groupTests, writeEntry } from "./test_groups.ts";

Deno.test("groupOf() returns the group with the file, or with the innermost of its folders", () => {
  const files = ["plugins/codecs/mod_test.ts", "plugins/codecs/ffmpeg/write/a_test.ts", "tests/cases_test.ts"];
  equal(files.map(groupOf), ["codecs", "writer", "cases"]);
  throws(() => groupOf("corelike/a_test.ts"), /corelike\/a_test\.ts is in no group; add its folder to GROUPS/);
});

Deno.test("groupTests() finds all tests of this repository except those of other tasks, and none twice", async () => {
  const groups = await groupTests(inRepo(".")), files = [...groups.values()].flat();
  equal([...groups.keys()], Object.keys(GROUPS));
  equal(new Set(files).size, files.length);
  for (const path of ["scripts/checks/test_groups_test.ts", "core/video/timeline_test.ts"]) {
    equal(files.includes(path), true, path);
  }
  equal(files.filter((file) => /^(tests\/(soak|queue)|web\/browser|engine\/tensorflow)\//.test(file)), []);
});

Deno.test("filesOfCases() finds the files with tests over cases", async () => {
  const files = await filesOfCases(inRepo("."));
  const expected = ["tests/cases_test.ts", "plugins/codecs/ffmpeg/write/write_job_test.ts"];
  equal(files.filter((file) => [...expected, "tests/scenes_test.ts"].includes(file)), expected.sort());
});

Deno.test("modules of a group run one after another, also where they wait", async () => {
  await withFolder(async (folder, at) => {
    const module = 'if (globalThis.busy) throw new Error("busy");\nglobalThis.busy = true;\n' +
      "await new Promise((done) => setTimeout(done));\nglobalThis.busy = false;\n";
    for (const name of ["a_test.ts", "b_test.ts"]) await Deno.writeTextFile(at(name), module);
    await import(toFileUrl(await writeEntry(folder, "pair", folder, ["a_test.ts", "b_test.ts"])).href);
  });
});

Deno.test("a test that fails in a group is reported with its own file", async () => {
  await withFolder(async (folder, at) => {
    await Deno.writeTextFile(at("good_test.ts"), 'Deno.test("good", () => {});\n');
    await Deno.writeTextFile(at("bad_test.ts"), '\nDeno.test("bad", () => { throw new Error("broken"); });\n');
    const entry = await writeEntry(folder, "pair", folder, ["good_test.ts", "bad_test.ts"]);
    const args = ["test", "-A", "--no-check", "--no-config", entry];
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
    const out = new TextDecoder().decode(stdout);
    equal([code, /1 passed \| 1 failed/.test(out), /bad => .*bad_test\.ts:2:6/.test(out)], [1, true, true], out);
  });
});
