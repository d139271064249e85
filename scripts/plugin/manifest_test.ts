import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { openWeightsFile, readManifest } from "../_toolkit.ts";
import { type Ended, inRepo, list, task, taskProcess, withFolder } from "../../tests/_tools.ts";

const plugin = (...args: string[]) => task("plugin", args);

/** Runs the task in a new process, which loads the current text of modules that this process has loaded before. */
const pluginInProcess = (...args: string[]) => taskProcess("plugin", args);

const PLUGIN = `import { definePart, definePlugin } from "@slomo/core";
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
export default definePlugin({
  name: "@someone/loud",
  apiVersion: 1,
  provides: [definePart({
    slot: "loss",
    name: "loud",
    description: "Counts all.",
    options: z.strictObject({ power: z.number().min(1).default(2).describe("How loud."), only: z.enum(["a", "b"]) }),
    create: ({ power }) => ({
      parameters: [],
      compute: (_, { output, groundTruth }) =>
        tf.tidy(() => tf.mean(tf.pow(tf.abs(tf.sub(output.frames, groundTruth)), power))),
    }),
  })],
});
`;

const MANIFEST = `{
  // mine
  "plugins": [
    "${inRepo("plugins/flow-backbones/mod.ts").replaceAll("\\", "/")}", // the networks
    "${inRepo("plugins/codecs/mod.ts").replaceAll("\\", "/")}" // the files
  ],
  "use": { "interpolator": { "name": "super-slomo" }, "warp": { "name": "backward" }, "media": { "name": "ffmpeg" } }
}
`;

const withManifest = (test: (at: (name: string) => string, read: () => Promise<string>) => Promise<void>) =>
  withFolder(async (_, at) => {
    await Deno.writeTextFile(at("m.json"), MANIFEST);
    await Deno.mkdir(at("loud"));
    await Deno.writeTextFile(at("loud/mod.js"), PLUGIN);
    await Deno.writeTextFile(at("loud/deno.json"), `{ "version": "1.2.3", "exports": "./mod.js" }`);
    await test(at, () => Deno.readTextFile(at("m.json")));
  });

function refused({ code, err }: Ended, expected: number, ...parts: string[]): void {
  equal(code, expected, err);
  equal(err.trim().split("\n").length, 1, err);
  for (const part of parts) ok(err.includes(part), `"${err}" does not say "${part}"`);
}

Deno.test("plugin add, list and remove change and show a manifest, and keep its comments", async () => {
  await withManifest(async (at, read) => {
    const manifest = ["--manifest", at("m.json")];
    const added = await plugin("add", at("loud"), ...manifest);
    equal(added.code, 0, added.err);
    match(added.out, /added @someone\/loud to .*\n.*"losses": \[\{ "name": "loud", "weight": 1 \}\]/);
    equal(await read(), MANIFEST.replace('" // the files', '", // the files\n    "./loud/mod.js"'));
    refused(await plugin("add", at("loud/mod.js"), ...manifest), 2, "m.json", "./loud/mod.js", "already");

    const listed = await plugin("list", ...manifest);
    equal(listed.code, 0, listed.err);
    match(listed.out, /@someone\/loud 1\.2\.3 \(local: \.\/loud\/mod\.js\)\n {2}loss loud: Counts all\./);
    match(listed.out, /power {2}number, at least 1; default 2\n +How loud\.\n +only {3}"a" \| "b"; needed/);
    match(listed.out, /interpolator super-slomo, in use/);
    const facts = JSON.parse((await plugin("list", "--json", ...manifest)).out);
    equal(facts.map(({ origin }: { origin: string }) => origin), ["local", "local", "local"]);
    equal(facts[2].parts[0].options[0], {
      name: "power",
      type: "number, at least 1",
      default: 2,
      doc: "How loud.",
      required: false,
    });

    const removed = await plugin("remove", at("loud"), ...manifest);
    equal([removed.code, await read()], [0, MANIFEST], removed.err);
    match(
      (await plugin("remove", inRepo("plugins/codecs/mod.ts"), ...manifest)).out,
      /"use\.media" names "ffmpeg", which no other plugin/,
    );
  });
});

Deno.test("plugin add keeps the manifest unchanged if the module is missing, is not a plugin or conflicts with another", async () => {
  await withManifest(async (at, read) => {
    await Deno.writeTextFile(at("none.js"), "export default 1");
    const add = (specifier: string) => plugin("add", specifier, "--manifest", at("m.json"));
    refused(await add(at("none.js")), 2, "none.js", "not a plugin");
    refused(await add(at("nowhere.js")), 2, "nowhere.js", "jsr:");
    refused(await add(at(".")), 2, "deno.json");
    await Deno.writeTextFile(at("loud/mod.js"), PLUGIN.replaceAll('"loss"', '"media"').replace('"loud"', '"ffmpeg"'));
    refused(await add(at("loud")), 2, 'media "ffmpeg"', "two plugins");
    equal(await read(), MANIFEST);
    const remote = `data:application/json,${encodeURIComponent(MANIFEST)}`;
    refused(
      await plugin("remove", inRepo("plugins/codecs/mod.ts"), "--manifest", remote),
      2,
      "not a file",
      "--manifest",
    );
  });
});

Deno.test("plugin list reports a broken plugin and continues with the others", async () => {
  await withManifest(async (at) => {
    equal((await plugin("add", at("loud"), "--manifest", at("m.json"))).code, 0);
    await Deno.writeTextFile(at("loud/mod.js"), "throw new Error('no license')");
    const { code, out, err } = await pluginInProcess("list", "--manifest", at("m.json"));
    equal(code, 1);
    match(out, /@slomo\/codecs \d/);
    match(out, /\.\/loud\/mod\.js \(local\)\n {2}NOT LOADED: .*no license/);
    match(err, /^slomo: not loaded: \.\/loud\/mod\.js/);
    const text = await Deno.readTextFile(at("m.json"));
    await Deno.writeTextFile(at("m.json"), text.replace("./loud/mod.js", "loud/mod.js"));
    match(
      (await plugin("list", "--manifest", at("m.json"))).out,
      /NOT LOADED: .*not a package; write \.\/loud\/mod\.js/,
    );
  });
});

Deno.test("plugin check runs the conformance kit, and fails for a plugin that breaks the contract", async () => {
  await withManifest(async (at) => {
    const args = ["check", at("loud"), "--quick", "--options", '{ "only": "a" }'];
    const good = await plugin(...args);
    equal(good.code, 0, good.out + good.err);
    match(good.out, /ok {6}loss "loud" returns float32 tensors/);
    match(good.out, /ignored loss "loud" has gradients that agree/);
    const some = await plugin(...args.filter((arg) => arg !== "--quick"), "--skip", "gradients,shapes");
    match(some.out, /ignored loss "loud" has gradients that agree .*: ignored, skipped by --skip$/m);
    match(some.out, /ignored loss "loud" accepts frames of tiny, .*: ignored, skipped by --skip$/m);
    refused(await plugin(...args, "--skip", "gradient"), 2, "--skip", "gradients");
    await Deno.writeTextFile(at("loud/mod.js"), PLUGIN.replace("tf.mean(", "tf.keep(").replace("power)))", "power)))"));
    const bad = await pluginInProcess(...args);
    equal(bad.code, 1);
    match(bad.out, /FAILED {2}loss "loud" .*\n {8}\S/);
    match(bad.err, /^slomo: @someone\/loud: \d+ passed, [1-9]\d* failed\n$/);
    refused(await plugin(...args, "--part", "soft"), 2, '"soft"', "loud");
    refused(await plugin("check", at("loud"), "--options", "x"), 2, "--options");
  });
});

Deno.test("plugin add creates a missing manifest from the shipped one, and none if the plugin cannot be added", async () => {
  await withManifest(async (at) => {
    const refusedFirst = await plugin("add", at("nothing"), "--manifest", at("new.json"));
    equal([refusedFirst.code, await list(at("."))], [2, ["loud", "m.json"]]);
    const { code, err } = await plugin("add", at("loud"), "--manifest", at("new.json"));
    equal(code, 0, err);
    const [created, shipped] = await Promise.all([at("new.json"), inRepo("slomo.json")].map(async (path) => {
      return JSON.parse(await Deno.readTextFile(path));
    }));
    const { $schema: _, ...rest } = shipped;
    equal(created, { ...rest, plugins: [...shipped.plugins, "./loud/mod.js"] });
    // The models of the clone serve a manifest anywhere.
    const weights = await openWeightsFile(await readManifest({ manifest: at("new.json"), model: "small" }));
    equal(weights?.facts.interpolator?.name, "super-slomo");
  });
});
