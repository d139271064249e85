import { deepStrictEqual as equal, ok, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { zipSync } from "fflate";
import { API_VERSION, JobError, type ModelEntry, type Plugin, UsageError } from "@slomo/core";
import { openWeights, tensorValues, type WeightsFile, writeWeights } from "@slomo/weights";
import flowBackbones from "@slomo/flow-backbones";
import { join, toFileUrl } from "@std/path";
import { withFolder } from "../../tests/_tools.ts";
import { installedModel, installedModels, removeModel } from "./installed.ts";
import { openWeightsFile } from "../models.ts";
import { installModel } from "./install.ts";
import { readRegistries, type RegisteredModel } from "./read_registries.ts";

const WEIGHTS = writeWeights(
  { version: 1, interpolator: { name: "x", options: {} }, pixelRange: [0, 1], mean: [0, 0, 0] },
  new Map([["interpolation.a", { shape: [2], values: new Float32Array([1, 2]) }]]),
  "F32",
);
const ARCHIVE = zipSync({ "a/net.safetensors": WEIGHTS, "a/other.txt": new Uint8Array(9) });

const facts = (bytes: Uint8Array) => ({
  bytes: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex"),
});
const modelOf = (from: ModelEntry["from"], more: Partial<ModelEntry> = {}): RegisteredModel => ({
  name: "tiny",
  origin: "test",
  entry: { description: "d", strengths: "s", license: "CC0", source: "https://example.com/", from, ...more },
});

/** Serves a file, and records the ranges that are requested. */
async function withServer(
  bytes: Uint8Array<ArrayBuffer>,
  run: (url: string, asked: (string | null)[]) => Promise<void>,
) {
  const asked: (string | null)[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ headers }) => {
    const range = headers.get("range"), from = Number(range?.match(/bytes=(\d+)-/)?.[1] ?? 0);
    asked.push(range);
    return new Response(bytes.slice(from), { status: from > 0 ? 206 : 200 });
  });
  try {
    await run(`http://127.0.0.1:${server.addr.port}/net.zip`, asked);
  } finally {
    await server.shutdown();
  }
}

Deno.test("installModel() resumes a download, unpacks the member, converts it, and keeps nothing else", async () => {
  await withFolder(async (folder, at) => {
    await withServer(ARCHIVE, async (url, asked) => {
      const model = modelOf({ url, member: "a/net.safetensors", ...facts(ARCHIVE) }, { precision: "float16" });
      await Deno.mkdir(at("tiny.download"));
      await Deno.writeFile(at("tiny.download/net.zip.part"), ARCHIVE.slice(0, 100));
      const done: number[] = [];
      const report = { say: () => {}, progress: (_: string, bytes: number) => done.push(bytes), showPip: false };
      const { installed, isNew } = await installModel(model, { plugins: [], report, folder });
      equal([isNew, asked, done.at(-1)], [true, ["bytes=100-"], ARCHIVE.length]);
      const { facts: { license }, tensors } = openWeights(await Deno.readFile(installed.path));
      equal([license, tensors.get("interpolation.a")!.precision], ["CC0", "F16"]);
      equal((await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort(), [
        "lock",
        "tiny.json",
        "tiny.safetensors",
      ]);
      equal((await installedModels(folder)).map(({ name, record }) => [name, record.entry, record.origin]), [
        ["tiny", model.entry, "test"],
      ]);
      strictEqual((await installModel(model, { plugins: [], folder })).isNew, false);
      // Another number format is another model.
      const whole = { ...model, entry: { ...model.entry, precision: "float32" } as const };
      strictEqual((await installModel(whole, { plugins: [], folder })).isNew, true);
      strictEqual(asked.length, 2);
    });
    strictEqual(await removeModel("tiny", folder), true);
    strictEqual(await removeModel("tiny", folder), false);
    equal(await installedModel("tiny", folder), undefined);
  });
});

Deno.test("installModel() takes a file on this machine, and leaves it there", async () => {
  await withFolder(async (folder, at) => {
    await Deno.writeFile(at("net.safetensors"), WEIGHTS);
    const from = { url: toFileUrl(at("net.safetensors")).href, ...facts(WEIGHTS) };
    const { installed } = await installModel(modelOf(from), { plugins: [], folder: join(folder, "models") });
    equal(installed.record.weights.bytes, (await Deno.stat(installed.path)).size);
    equal(await Deno.readFile(at("net.safetensors")), WEIGHTS);
    await rejects(
      installModel(modelOf({ ...from, sha256: "0".repeat(64) }), { plugins: [], folder: join(folder, "other") }),
      (error) => error instanceof JobError && /SHA-256 differs/.test(error.message),
    );
    equal(await installedModels(join(folder, "other")), []);
    await rejects(
      installModel(modelOf({ ...from, url: toFileUrl(at("none")).href }), { plugins: [], folder }),
      (error) => error instanceof UsageError && error.code === "input-not-found",
    );
  });
});

Deno.test("installModel() adds the differences of fine-tuned weights, and refuses those of other networks", async () => {
  await withFolder(async (folder, at) => {
    const differences = (name: string) =>
      writeWeights(
        { version: 1, interpolator: { name: "x", options: {} }, pixelRange: [0, 1], mean: [0, 0, 0], license: "MIT" },
        new Map([[name, { shape: [2], values: new Float32Array([0.5, -3]) }]]),
        "F32",
      );
    await Deno.writeFile(at("net.safetensors"), WEIGHTS);
    const from = { url: toFileUrl(at("net.safetensors")).href, ...facts(WEIGHTS) };
    const install = async (name: string) => {
      const bytes = differences(name);
      await Deno.writeFile(at("tuned.safetensors"), bytes);
      const difference = { url: toFileUrl(at("tuned.safetensors")).href, ...facts(bytes) };
      return await installModel(modelOf(from, { difference }), { plugins: [], folder: at("models") });
    };
    const { installed } = await install("interpolation.a.difference");
    const file = openWeights(await Deno.readFile(installed.path));
    equal([...tensorValues(file, file.tensors.get("interpolation.a")!)], [1.5, -1]);
    equal(file.facts.license, "MIT");
    await rejects(install("interpolation.b.difference"), {
      name: "UsageError",
      message: /^tuned\.safetensors does not belong to these weights: it has no tensor "interpolation\.a\.difference"/,
    });
    equal((await installedModels(at("models"))).length, 1);
    equal((await Array.fromAsync(Deno.readDir(folder))).length, 3);
  });
});

Deno.test("installModel() keeps the weights of the network that `options` describe", async () => {
  await withFolder(async (_, at) => {
    const bytes = await Deno.readFile(new URL("../../plugins/flow-backbones/rife/fixtures/small.pt", import.meta.url));
    await Deno.writeFile(at("small.pt"), bytes);
    const from = { url: toFileUrl(at("small.pt")).href, ...facts(bytes) }, reductions = [16, 8, 4, 2];
    const plugins = [{ specifier: "flow", plugin: flowBackbones }];
    const install = async (options?: ModelEntry["options"]) => {
      const model = modelOf(from, { part: "rife", options });
      return await openWeightsFile(
        toFileUrl((await installModel(model, { plugins, folder: at("models") })).installed.path),
      );
    };
    const blocksOf = ({ tensors }: WeightsFile) =>
      new Set([...tensors.keys()].map((name) => /block\.\d/.exec(name)?.[0]));
    const whole = await install(), channels = whole.facts.interpolator!.options.channels as number[];
    const part = await install({ channels: channels.slice(0, 4), reductions });
    equal([blocksOf(whole).size, blocksOf(part).size], [6, 5]);
    equal(part.facts.interpolator!.options, {
      ...whole.facts.interpolator!.options,
      channels: channels.slice(0, 4),
      reductions,
    });
    for (
      const [options, message] of [
        [{ channels: channels.slice(1) }, /"tiny" of test: rife: channels and reductions .*; correct `options`/],
        [
          { channels: channels.slice(1), reductions },
          /its file has no tensor "interpolation\.block\.\d\.down\.0\.weight"/,
        ],
        [{ scale: 2 }, /Unrecognized key/],
      ] as const
    ) {
      await rejects(install(options), (error) => error instanceof UsageError && message.test(error.message));
    }
  });
});

Deno.test("installModel() refuses shipped models, and parts that no plugin imports", async () => {
  const url = { url: "file:///x", ...facts(WEIGHTS) };
  const cases: [RegisteredModel, RegExp][] = [
    [modelOf({ shipped: "a.safetensors" }), /slomo ships it/],
    [modelOf(url, { part: "unknown" }), /no plugin of the manifest imports weights of the part "unknown"/],
  ];
  for (const [model, message] of cases) {
    await rejects(
      installModel(model, { plugins: [], folder: "/nowhere" }),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  }
});

Deno.test("readRegistries() joins the models of the manifest, of slomo and of plugins, with absolute URLs", async () => {
  await withFolder(async (_, at) => {
    const { entry } = modelOf({ url: "./net.zip", ...facts(ARCHIVE) }, { card: "./card.md" });
    await Deno.writeTextFile(at("models.json"), JSON.stringify({ models: { tiny: entry, rife: entry } }));
    const plugin = (name: string, models: Plugin["models"]) => ({
      specifier: `https://example.com/${name}/mod.ts`,
      plugin: { name, apiVersion: API_VERSION, provides: [], models },
    });
    const registries = [toFileUrl(at("models.json")).href], plugins = [plugin("p", { tiny: entry, own: entry })];
    const models = await readRegistries({ registries }, plugins);
    const { rife, tiny, own, fast } = Object.fromEntries(models);
    equal([rife!.origin, tiny!.origin, own!.origin, fast!.origin], [registries[0], registries[0], "p", "slomo"]);
    equal(tiny!.entry.from, { ...entry.from, url: toFileUrl(at("net.zip")).href });
    equal(tiny!.entry.card, toFileUrl(at("card.md")).href);
    equal(own!.entry.from, { ...entry.from, url: "https://example.com/p/net.zip" });
    const difference = { difference: { url: "./d.safetensors", ...facts(ARCHIVE) } };
    const tuned = (await readRegistries({}, [plugin("r", { tuned: { ...entry, ...difference } })])).get("tuned")!;
    equal(tuned.entry.difference, { ...difference.difference, url: "https://example.com/r/d.safetensors" });
    for (const files of [{ from: { shipped: "a" } }, { difference: { shipped: "a" } }]) {
      const shipped = plugin("q", { other: { ...entry, ...files } });
      await rejects(readRegistries({}, [shipped]), /cannot use "other" of q: only slomo ships models/);
    }
    await rejects(
      readRegistries({ registries: [toFileUrl(at("no.json")).href] }, []),
      /no\.json: there is no such file/,
    );
  });
});

Deno.test("slomo's registry lists the models of the shipped manifest, with the files that it uses", async () => {
  const json = async (path: string) => JSON.parse(await Deno.readTextFile(new URL(path, import.meta.url)));
  const { weights, models } = await json("../../slomo.json"), sizes = await json("../models.json");
  const registered = await readRegistries({}, []);
  for (const [name, model] of Object.entries<{ weights?: string }>({ default: {}, ...models })) {
    const from = registered.get(name)?.entry.from;
    ok(from && "shipped" in from, name);
    equal(`./models/${from.shipped}`, model.weights ?? weights);
    ok(Object.hasOwn(sizes, from.shipped));
  }
});
