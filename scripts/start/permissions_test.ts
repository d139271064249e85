import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { downloadedProgram } from "@slomo/downloads";
import { dirname } from "@std/path";
import { inRepo, withFolder } from "../../tests/_tools.ts";
import { machineFacts } from "./machine.ts";
import { isTask, type MachineFacts, permissionsOf, type TaskName } from "./permissions.ts";

const FACTS: MachineFacts = {
  ffmpeg: ["/usr/bin/ffmpeg", "/usr/bin/ffprobe"],
  cache: "/cache",
  temporary: "/tmp",
  hasLoaderVariables: false,
  hosts: [],
  deno: "/usr/bin/deno",
};

const flags = (task: TaskName, args: readonly string[] = [], facts: Partial<MachineFacts> = {}) =>
  permissionsOf(task, args, { ...FACTS, ...facts });
const names = (list: readonly string[]) => list.map((flag) => flag.replace(/=.*/, "").replace("--allow-", ""));

Deno.test("permissionsOf() returns only the permissions that a task needs", () => {
  equal(names(flags("interpolate")), ["read", "write", "env", "run", "ffi", "sys", "import"]);
  equal(names(flags("dataset")), ["read", "write", "env", "run", "import"]);
  equal(names(flags("convert")), ["read", "write", "env", "import"]);
  equal(names(flags("models", ["list"])), ["read", "env", "import"]);
  equal(names(flags("models", ["add", "x"])), ["read", "write", "env", "run", "import", "net"]);
  ok(flags("models", ["add", "x"]).includes("--allow-write=/cache"));
  equal(names(flags("models", ["remove", "x"])), ["read", "write", "env", "import"]);
  equal(names(flags("plugin", ["add", "x"])), ["read", "write", "env", "import"]);
  equal(names(flags("plugin", ["list"])), ["read", "env", "import"]);
  equal(names(flags("plugin", ["check", "x"])), ["read", "write", "env", "ffi", "import"]);
  equal(names(flags("plugin", ["check", "x", "--quick"])), ["read", "write", "env", "import"]);
  ok(!flags("interpolate").some((flag) => flag.startsWith("--allow-env=") && /[=,](\*|[A-Z]*TOKEN)/.test(flag)));
});

Deno.test("permissionsOf() allows programs by path, or all if paths are not known", () => {
  const run = (...given: Parameters<typeof flags>) => flags(...given).find((flag) => flag.startsWith("--allow-run"));
  equal(run("evaluate"), "--allow-run=/usr/bin/ffmpeg,/usr/bin/ffprobe");
  equal(run("doctor"), "--allow-run=/usr/bin/ffmpeg,/usr/bin/ffprobe,/usr/bin/deno");
  equal(run("interpolate", [], { ffmpeg: undefined }), "--allow-run");
  equal(run("train", [], { ffmpeg: undefined }), undefined);
  equal(run("interpolate", [], { hasLoaderVariables: true }), "--allow-run");
  equal(run("train"), undefined);
});

Deno.test("permissionsOf() lets the page listen on its address only", () => {
  const net = (...args: string[]) => flags("web", args).find((flag) => flag.startsWith("--allow-net"));
  equal(net(), "--allow-net=127.0.0.1:7272");
  equal(net("--port", "8080"), "--allow-net=127.0.0.1:8080");
  equal(net("--port=0"), "--allow-net=127.0.0.1");
  equal(net("--host", "::1"), "--allow-net=[::1]:7272");
  equal(net("--host=0.0.0.0", "--port", "80"), "--allow-net=0.0.0.0:80");
  const named = permissionsOf("web", [], { ...FACTS, hosts: ["example.com:443"] });
  ok(named.includes("--allow-net=example.com:443,127.0.0.1:7272"));
  equal(names(flags("web")), ["read", "write", "env", "run", "ffi", "sys", "import", "net"]);
});

Deno.test("permissionsOf() grants nothing for a wrong address, which the task reports", () => {
  const net = (...args: string[]) => flags("web", args).find((flag) => flag.startsWith("--allow-net"));
  for (const port of ["99999", "abc", "-1", "1.5", "", " ", "80,81"]) equal(net(`--port=${port}`), undefined, port);
  for (
    const host of ["localhost:7272", "http://0.0.0.0", "*", "my host", "0.0.0.0/0", "a..b", "a,b", "a".repeat(300), ""]
  ) {
    equal(net("--host", host), undefined, host);
  }
  equal(net("--port", "0x50"), "--allow-net=127.0.0.1:80");
  const queue = (url: string) => flags("queue", [url, "list"]).find((flag) => flag.startsWith("--allow-net"));
  equal(queue("redis://[::1]"), "--allow-net=[::1]:6379");
  for (const url of ["redis://", "redis://a b", "redis://*", "redis://10.0.0.0%2F8"]) equal(queue(url), undefined, url);
});

Deno.test("permissionsOf() takes the last of repeated options, as the tasks do", () => {
  ok(flags("web", ["--port", "7301", "--host=a", "--port=7302", "--host", "b"]).includes("--allow-net=b:7302"));
  ok(flags("web", ["--port", "7301", "--", "--port", "7302"]).includes("--allow-net=127.0.0.1:7301"));
});

Deno.test("permissionsOf() omits empty folders, with which Deno does not start", () => {
  const write = (root: string, facts?: Partial<MachineFacts>) =>
    flags("worker", ["redis://q", `--allow-root=${root}`], facts).find((flag) => flag.startsWith("--allow-write"));
  for (const root of ["/a,", "/a,,", ",/a"]) equal(write(root), "--allow-write=/a,/cache,/tmp");
  equal(write(""), "--allow-write=/cache,/tmp");
  equal(write("/a", { temporary: "" }), "--allow-write=/a,/cache");
});

Deno.test("permissionsOf() lets Deno run only if auto may choose a GPU, or there are several devices", () => {
  const startsDeno = (...args: string[]) =>
    flags("interpolate", args).some((flag) => flag.startsWith("--allow-run=") && flag.endsWith(FACTS.deno));
  equal([startsDeno(), startsDeno("--backend", "auto"), startsDeno("--precision=float16")], [true, true, true]);
  equal([startsDeno("--backend=onnx"), startsDeno("--device", "cuda"), startsDeno("--backend", "wasm")], [
    ...[false, false, false],
  ]);
  equal([startsDeno("--device", "cuda:0,cuda:1"), startsDeno("--device=cpu,cpu", "--backend=onnx")], [true, true]);
  // Native libraries may do more than any program that they start.
  equal(flags("interpolate").includes("--allow-ffi"), true);
});

Deno.test("permissionsOf() omits native libraries for backends without them", () => {
  const hasFfi = (...args: string[]) => flags("interpolate", args).includes("--allow-ffi");
  equal([hasFfi("--backend", "wasm"), hasFfi("--backend=webgpu"), hasFfi("--backend", "onnx")], [false, false, true]);
});

Deno.test("permissionsOf() allows network access to named servers only", () => {
  const given = flags("interpolate", [], { hosts: ["example.com:443"] });
  ok(given.includes("--allow-net=example.com:443") && given.includes("--allow-import=jsr.io:443,example.com:443"));
  ok(!flags("interpolate").some((flag) => flag.startsWith("--allow-net")));
  ok(!flags("train", [], { ffmpeg: undefined }).some((flag) => flag.startsWith("--allow-net")));
  ok(flags("interpolate", [], { ffmpeg: undefined }).includes("--allow-net"), "for the download");
  ok(flags("doctor", [], { ffmpeg: undefined }).includes("--allow-write=/cache"), "for the download");
  equal(flags("doctor", ["--measure"]).filter((flag) => flag.startsWith("--allow-write")), ["--allow-write=/cache"]);
  ok(!flags("doctor").some((flag) => flag.startsWith("--allow-write")));
});

Deno.test("machineFacts() finds downloaded programs, but none if one is missing", async () => {
  await withFolder(async (_, at) => {
    const script = `
      import { machineFacts } from ${JSON.stringify(import.meta.resolve("./machine.ts"))};
      console.log(JSON.stringify(await machineFacts([])));`;
    const facts = async (): Promise<MachineFacts> => {
      const args = ["eval", "--config", inRepo("deno.json"), script];
      const env = { PATH: "", SLOMO_CACHE: at("cache"), SLOMO_FFMPEG: "" };
      const { stdout } = await new Deno.Command(Deno.execPath(), { args, env }).output();
      return JSON.parse(new TextDecoder().decode(stdout));
    };
    const programs = (["ffmpeg", "ffprobe"] as const).map((name) => downloadedProgram(name, () => at("cache"))!);
    for (const program of programs) {
      const { ffmpeg, cache } = await facts();
      equal([ffmpeg, cache], [undefined, at("cache")]);
      await Deno.mkdir(dirname(program), { recursive: true });
      await Deno.writeTextFile(program, "");
    }
    const { ffmpeg } = await facts();
    ok(programs.every((program) => ffmpeg?.includes(program)), `${ffmpeg}`);
  });
});

Deno.test("machineFacts() finds servers and programs in the command line and the manifest", async () => {
  await withFolder(async (folder, at) => {
    const text = `// see (https://guide.test), [https://Other.test/a], https://guide.test.
{ "$schema": "https://schema.test/x.json", "plugins": ["https://plugins.test:8443/mod.ts"] }`;
    await Deno.writeTextFile(at("m.json"), text);
    await Deno.writeTextFile(at("ffmpeg"), "");
    await Deno.writeTextFile(at("ffprobe"), "");
    const args = ["--manifest", at("m.json"), "--weights", "http://weights.test/a", "--ffmpeg", folder];
    const { hosts, ffmpeg } = await machineFacts(args);
    const commented = ["guide.test:443", "other.test:443"];
    equal(new Set(hosts), new Set(["weights.test:80", ...commented, "plugins.test:8443"]));
    ok(ffmpeg?.includes(at("ffmpeg")) && ffmpeg.includes(at("ffprobe")), `${ffmpeg}`);
    equal((await machineFacts([])).hosts, []);
  });
});

Deno.test("every task for users starts with limited permissions", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(inRepo("deno.json"))) as { tasks: Record<string, string> };
  for (const [name, command] of Object.entries(tasks)) {
    if (/^(bench|test|check|ok|docs|schema)/.test(name)) continue;
    ok(isTask(name) && command.endsWith(`scripts/main.ts ${name}`), `${name}: ${command}`);
  }
});

Deno.test("permissionsOf() lets a worker write its folders only, and connect to its server only", () => {
  const own = flags("worker", [
    "rediss://user:secret@queue.example.com",
    "--allow-root",
    "/videos,/more",
    "--backend",
    "onnx",
  ]);
  ok(own.includes(`--allow-write=/videos,/more,${FACTS.cache},/tmp`));
  ok(own.includes("--allow-net=queue.example.com:6379") && own.includes("--ignore-env"));
  ok(own.includes(`--allow-run=${FACTS.ffmpeg!.join(",")}`));
  ok(flags("queue", ["postgres://u@db:6000/x", "list"]).includes("--allow-net=db:6000"));
  ok(flags("interpolate", ["a", "b", "--queue=redis://q"]).includes("--allow-net=q:6379"));
  equal(flags("interpolate", ["a", "b"]).includes("--ignore-env"), false);
});

Deno.test("permissionsOf() gives access to an object storage only to tasks that use objects", () => {
  const facts = { storage: { host: "s3.example.com:443", variables: ["AWS_SECRET_ACCESS_KEY"] } },
    root = "s3://videos/a,/videos";
  const own = flags("worker", ["redis://q", "--allow-root", root], facts), env = own.find((flag) => /env=/.test(flag))!;
  ok(own.includes("--allow-net=q:6379,s3.example.com:443,127.0.0.1:0"));
  ok(own.includes(`--allow-write=/videos,${FACTS.cache},/tmp`));
  ok(env.includes("AWS_SECRET_ACCESS_KEY") && !flags("worker", ["redis://q"]).some((flag) => /AWS_/.test(flag)));
});

Deno.test("machineFacts() finds the object storage that a command line or a plan needs", async () => {
  await withFolder(async (folder, at) => {
    const names = ["AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"];
    const before = names.map((name) => [name, Deno.env.get(name)] as const);
    using stack = new DisposableStack();
    stack.defer(() =>
      before.forEach(([name, value]) => value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value))
    );
    names.forEach((name) => Deno.env.set(name, at("none")));
    const storage = async (...args: string[]) => (await machineFacts(args)).storage?.host;
    equal(await storage("plan", "s3://videos/in.mp4", "out.mp4"), "s3.us-east-1.amazonaws.com:443");
    equal(await storage("redis://q", "--allow-root=/a,s3://videos"), "s3.us-east-1.amazonaws.com:443");
    equal(await storage("s3://videos/in.mp4", "s3://videos/out.mp4", "--queue", "redis://q"), undefined);
    equal(await storage("make", folder, "0"), undefined);
    await Deno.writeTextFile(
      at("plan.json"),
      JSON.stringify({ command: { input: "s3://videos/in.mp4" } }, undefined, 2),
    );
    equal(await storage("make", folder, "0"), "s3.us-east-1.amazonaws.com:443");
    equal(await storage("plan", "in.mp4", "out.mp4"), undefined);
  });
});
