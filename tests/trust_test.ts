import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { join } from "@std/path";
import { type Ended, inRepo, withFolder } from "./_tools.ts";
import { testUnless } from "./_unless.ts";

/** A plugin without imports, so that it is one file. */
const PLUGIN = `const empty = (value) =>
  value?.constructor === Object && Object.keys(value).length === 0 ? { value } : { issues: [{ message: "there are no options" }] };
export default {
  name: "@example/far",
  apiVersion: 1,
  provides: [{
    slot: "media", name: "far", description: "Reads nothing.",
    options: { "~standard": { version: 1, vendor: "example", validate: empty } },
    create: () => ({}),
  }],
};
`;

/** The files of a checkout that the tasks need; the lock file is a copy. */
const PARTS = [
  ...[
    "api",
    "core",
    "downloads",
    "engine",
    "examples",
    "links",
    "ops",
    "plugins",
    "scripts",
    "testing",
    "training",
    "weights",
  ],
  ...["deno.json", "deno.lock", "mod.ts", "slomo.json"],
];

async function copy(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(join(from, name), join(to, name));
}

/** Tasks of a copy of the checkout, a plugin on a server of this process, and a manifest for it. */
interface Case {
  readonly url: string;
  readonly lock: () => Promise<string>;
  readonly manifest: string;
  readonly root: string;
  readonly run: (task: string, args: readonly string[], ...flags: string[]) => Deno.Command;
  readonly setPlugin: (text: string) => void;
}

let checkout: Promise<string> | undefined;

/** Returns the folder of the copy, which all tests of this file share: Deno compiles its modules once. */
function copyCheckout(): Promise<string> {
  return checkout ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "slomo-checkout-" });
    for (const part of PARTS) await copy(inRepo(part), join(folder, part));
    return folder;
  })();
}

Deno.test.afterAll(async () => {
  if (checkout) await Deno.remove(await checkout, { recursive: true });
});

async function withStranger(test: (given: Case) => Promise<void>): Promise<void> {
  const root = await copyCheckout(), lockFile = join(root, "deno.lock");
  // An earlier test may have added a plugin.
  await Deno.copyFile(inRepo("deno.lock"), lockFile);
  await withFolder(async (_, at) => {
    let plugin = PLUGIN;
    const headers = { "content-type": "text/javascript" };
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    await using server = Deno.serve(options, () => new Response(plugin, { headers }));
    const url = `http://127.0.0.1:${server.addr.port}/far.js`;
    const own = ["flow-backbones", "losses", "codecs"].map((name) => join(root, `plugins/${name}/mod.ts`));
    const use = { interpolator: { name: "super-slomo" }, warp: { name: "backward" }, media: { name: "ffmpeg" } };
    await Deno.writeTextFile(at("far.json"), JSON.stringify({ plugins: [...own, url], use }));
    await test({
      url,
      root,
      manifest: at("far.json"),
      lock: () => Deno.readTextFile(lockFile),
      run: (task, args, ...flags) =>
        new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", ...flags, join(root, `scripts/${task}.ts`), ...args],
          stdin: "null",
          env: { NO_COLOR: "1" },
        }),
      setPlugin: (text) => plugin = text,
    });
  });
}

async function ended(command: Deno.Command): Promise<Ended> {
  const { code, stdout, stderr } = await command.output(), decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("every task that loads a manifest rejects a remote plugin that is not in the lock file", async (t) => {
  await withStranger(async ({ url, manifest, run, lock }) => {
    const before = await lock();
    const tasks: Record<string, string[]> = {
      interpolate: ["in.mp4", "out.mp4"],
      evaluate: ["--data", "in"],
      dataset: ["in", "out"],
      export: ["--out", "x.onnx"],
      train: ["--quick", "--out", "x", "--backend", "cpu"],
    };
    for (const [task, args] of Object.entries(tasks)) {
      await t.step(task, async () => {
        const { code, err } = await ended(run(task, [...args, "--manifest", manifest]));
        equal(code, 2, err);
        ok(err.includes(url) && err.includes("--allow-plugins"), err);
      });
    }
    await t.step("doctor", async () => {
      const { out } = await ended(run("doctor", ["--manifest", manifest]));
      ok(out.includes(`BROKEN   manifest`) && out.includes("--allow-plugins"), out);
    });
    await t.step("plugin", async () => {
      const list = await ended(run("plugin", ["list", "--manifest", manifest]));
      equal(list.code, 1);
      match(list.out, /far\.js \(http\)\n {2}NOT LOADED: .*lock file/);
      equal((await ended(run("plugin", ["check", url]))).code, 2);
    });
    equal(await lock(), before);
  });
});

Deno.test("--allow-plugins loads and locks a plugin; later runs accept it, and reject it when its code changes", async () => {
  await withStranger(async ({ url, manifest, run, lock, setPlugin }) => {
    const list = (...args: string[]) => ["list", "--manifest", manifest, ...args];
    const agreed = await ended(run("plugin", list("--allow-plugins")));
    equal(agreed.code, 0, agreed.err);
    match(JSON.parse(await lock()).remote[url], /^[0-9a-f]{64}$/);
    const known = await ended(run("plugin", list()));
    match(known.out, /@example\/far \(http, locked: http:.*\n {2}media far/);
    setPlugin(PLUGIN.replace("Reads nothing", "Reads your mail"));
    const changed = await ended(run("plugin", list("--allow-plugins"), `--reload=${url}`));
    ok(changed.code !== 0 && changed.err.includes("Integrity check failed") && changed.err.includes(url), changed.err);
  });
});

const terminal = await new Deno.Command("script", { args: ["--version"], stdout: "null", stderr: "null" }).output()
  .then(({ success }) => success, () => false);

testUnless(terminal ? undefined : "there is no program `script`", "plugin check asks on a terminal", async () => {
  await withStranger(async ({ url, root }) => {
    const line = `${Deno.execPath()} run -A ${join(root, "scripts/plugin.ts")} check ${url}`;
    const answer = async (text: string) => {
      const options = {
        args: ["-qec", line, "/dev/null"] as string[],
        stdin: "piped",
        stdout: "piped",
        env: { NO_COLOR: "1" },
      } as const;
      const child = new Deno.Command("script", options).spawn(), writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(text));
      const { code, stdout } = await child.output();
      await writer.close().catch(() => {});
      return [code, new TextDecoder().decode(stdout)] as const;
    };
    const [refused, said] = await answer("n\n");
    equal(refused, 2, said);
    match(said, /not in the lock file yet: http:[^]*Load them\?/);
    const [agreed] = await answer("y\n"), [known, silent] = await answer("");
    equal([agreed, known, silent.includes("Load them?")], [0, 0, false]);
  });
});
