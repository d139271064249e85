/** Videos in an object storage on a real server: whatever fails, nothing is lost, and the bytes are those of a single run. */
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { openSlomo } from "@slomo/slomo";
import { join } from "@std/path";
import { SEGMENTS } from "../_segments.ts";
import { ffmpeg, inRepo, interpolate, NO_WORKERS, task, withFolder } from "../_tools.ts";
import { startRedis, until } from "../queue/_servers.ts";
import { killedWorker, queuedVideo, refusedWorker, restartedServer } from "./_queue_steps.ts";
import { checkDone, fails, FOLDER, INPUT, names, OUTPUT, type Scene, SECRETS, segments, succeeds } from "./_scene.ts";
import { Gate, KEYS, ownerOf, startStorage, withVariables } from "./_server.ts";

const plan = (input = INPUT, output = OUTPUT, ...args: readonly string[]) =>
  segments("plan", input, output, ...SEGMENTS, ...args);
const NO_PROFILES = { AWS_SHARED_CREDENTIALS_FILE: "/none", AWS_CONFIG_FILE: "/none" };
const make = (...numbers: readonly string[]) => segments("make", FOLDER, ...numbers, ...NO_WORKERS);

Deno.test("videos in an object storage", async (t) => {
  await using server = await startStorage();
  await using redis = await startRedis();
  await withFolder(async (_, at) => {
    const storage = ownerOf(server.port), address = `http://127.0.0.1:${server.port}`;
    await Deno.mkdir(at("scratch"));
    const source = ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=24:d=2", "-f", "lavfi", "-i", "sine=d=2"];
    await ffmpeg(...source, "-pix_fmt", "yuv420p", "-c:a", "aac", at("in.mp4"));
    await succeeds(interpolate([at("in.mp4"), at("single.mp4"), ...SEGMENTS, ...NO_WORKERS]));
    const scene: Scene = { server, url: redis.url, storage, at, expected: await Deno.readFile(at("single.mp4")) };
    Deno.env.set("TMPDIR", at("scratch"));
    const step = (name: string, test: (scene: Scene) => Promise<void>) =>
      t.step(name, async () => {
        for (const name of await names(scene)) await storage.remove(`s3://videos/${name}`);
        await storage.upload(INPUT, at("in.mp4"));
        await withVariables({ ...KEYS.owner, AWS_ENDPOINT_URL: address }, () => test(scene));
      });
    await step("plan, make and join; each can be repeated, and no object names a key", planMakeJoin);
    await step("planning in shards", plannedInShards);
    await step("one run, from and into the storage", oneRun);
    await step("an output that cannot be written is kept, and an interrupted run leaves nothing", brokenOutputs);
    await step("a process that makes several segments at once", severalAtOnce);
    await step("the credentials and the server of a profile", profile);
    await step("input and folder in different places", mixedPlaces);
    await step("two workers make one segment at once", twoWorkers);
    await step("a source that changes between plan and segment", changedSource);
    await step("missing objects, buckets, credentials and servers are one line", refusals);
    await step("large objects are written in parts, or not at all", largeObjects);
    await step("workers of a queue, with the permissions of their task", queuedVideo);
    await step("a worker that is killed while it writes", killedWorker);
    await step("the server is restarted while a worker writes", restartedServer);
    await step("a worker whose key is refused is one line, and retry continues with another one", refusedWorker);
  });
});

async function planMakeJoin(scene: Scene): Promise<void> {
  const { storage } = scene;
  equal((await succeeds(plan())).out.trim(), "4");
  const planned = await names(scene);
  equal((await succeeds(plan())).out.trim(), "4");
  equal(await names(scene), planned);
  await fails(plan(INPUT, OUTPUT, "--factor", "3"), 2, /out\.mp4\.segments: has segments that were planned otherwise/);
  await succeeds(make("2", "0"));
  match((await succeeds(make("0-1"))).err, /segment 0: exists already\n[^]*segment 1: made/);
  await fails(make("9"), 2, /^slomo: s3:\/\/videos\/made\/out\.mp4\.segments: has no segment 9/);
  await fails(
    segments("join", FOLDER),
    1,
    /s3:.*out\.mp4: cannot join the segments: 1 of 4 are missing: 3; make them first/,
  );
  await succeeds(make("3"));
  for (const name of await names(scene)) {
    if (/\.json$/.test(name)) ok(!SECRETS.test((await storage.readText(`s3://videos/${name}`))!), name);
  }
  ok(!(await storage.readText(`${FOLDER}/plan.json`))!.includes("127.0.0.1"));
  await succeeds(segments("join", FOLDER));
  await fails(segments("join", FOLDER), 2, /has no plan of segments; plan them first/);
  await fails(plan(), 2, /^slomo: s3:\/\/videos\/made\/out\.mp4 exists; give another name, or set --overwrite/);
  await succeeds(plan(INPUT, OUTPUT, "--overwrite"));
  await succeeds(make("0"));
  await succeeds(plan(INPUT, OUTPUT, "--overwrite", "--factor", "3"));
  await succeeds(plan(INPUT, OUTPUT, "--overwrite"));
  match((await succeeds(make("0-3"))).err, /segment 0: made/);
  await succeeds(segments("join", FOLDER));
  await checkDone(scene);
}

async function plannedInShards(scene: Scene): Promise<void> {
  const scan = (shard: string) => segments("scan", FOLDER, shard);
  equal((await succeeds(plan(INPUT, OUTPUT, "--shards", "2"))).out.trim(), "2");
  match((await succeeds(scan("1"))).err, /shard 1: scanned/);
  match((await succeeds(scan("1"))).err, /shard 1: was scanned before/);
  match((await succeeds(plan(INPUT, OUTPUT, "--shards", "2"))).err, /2 shards, 1 of them to scan/);
  await fails(
    segments("merge", FOLDER),
    1,
    /s3:.*segments: cannot merge its shards: 1 of 2 are missing: 0; scan them first/,
  );
  await succeeds(scan("0"));
  equal((await succeeds(segments("merge", FOLDER))).out.trim(), "4");
  equal((await succeeds(segments("merge", FOLDER))).out.trim(), "4");
  equal((await names(scene)).filter((name) => /shard/.test(name)), []);
  await succeeds(make("0-3"));
  await succeeds(segments("join", FOLDER));
  await checkDone(scene);
}

const interpolated = (input: string, output: string, ...args: readonly string[]) =>
  interpolate([input, output, ...SEGMENTS, ...NO_WORKERS, ...args]);

async function oneRun(scene: Scene): Promise<void> {
  const { at, expected } = scene;
  await succeeds(interpolated(INPUT, at("local.mp4")));
  ok(Buffer.compare(await Deno.readFile(at("local.mp4")), expected) === 0);
  await Deno.remove(at("local.mp4"));
  await succeeds(interpolated(at("in.mp4"), OUTPUT));
  await checkDone(scene);
  const { err } = await succeeds(interpolated(INPUT, OUTPUT));
  match(err, /^s3:\/\/videos\/made\/out\.mp4: 96 frames/m);
  ok(!/127\.0\.0\.1|scratch/.test(err), err);
  await fails(interpolated(INPUT, OUTPUT), 2, /^slomo: s3:\/\/videos\/made\/out\.mp4 exists; .* set --overwrite/);
  await succeeds(interpolated(INPUT, OUTPUT, "--overwrite"));
  const { out } = await succeeds(interpolated(INPUT, OUTPUT, "--overwrite", "--plan", "--json"));
  const plan = out.trim().split("\n").map((line) => JSON.parse(line)).find(({ type }) => type === "plan");
  equal([plan.input.location, plan.output.location], [INPUT, OUTPUT]);
  await checkDone(scene);
}

async function brokenOutputs(scene: Scene): Promise<void> {
  const { at } = scene;
  await withVariables(KEYS.reader, async () => {
    const { code, err } = await interpolated(INPUT, OUTPUT),
      line = err.split("\n").find((line) => /^slomo: /.test(line))!;
    equal(code, 1, err);
    match(line, /out\.mp4: cannot write the object: .* refuses access \(AccessDenied\)/);
    const [, kept] = /the finished video is kept as (\S+)$/.exec(line)!;
    ok(Buffer.compare(await Deno.readFile(kept!), scene.expected) === 0);
    await Deno.remove(join(kept!, ".."), { recursive: true });
  });
  await using gate = new Gate(scene.server.port);
  await withVariables({ AWS_ENDPOINT_URL: `http://127.0.0.1:${gate.port}` }, async () => {
    gate.hold(/^PUT \/videos\/made/);
    const stop = new AbortController(), run = task("interpolate", [INPUT, OUTPUT, ...SEGMENTS, ...NO_WORKERS], stop);
    await until(() => gate.isHeld, "the output");
    stop.abort();
    equal((await run).code, 130);
    gate.hold(undefined);
  });
  equal(await names(scene), ["a b/in+1.mp4"]);
  equal(await Array.fromAsync(Deno.readDir(at("scratch"))), []);
}

async function profile(scene: Scene): Promise<void> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = KEYS.owner,
    endpoint = Deno.env.get("AWS_ENDPOINT_URL")!;
  const file = scene.at("credentials"), keys = `aws_access_key_id = ${id}\naws_secret_access_key = ${secret}`;
  await Deno.writeTextFile(file, `[farm]\n${keys}\nendpoint_url = ${endpoint}\n`);
  const none = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_ENDPOINT_URL: "" };
  await withVariables({ ...none, ...NO_PROFILES, AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: "farm" }, async () => {
    // A process with the permissions of its task: it may read the profile, and connect to its server.
    const args = ["run", "-A", "--no-check", inRepo("scripts/main.ts"), "segments", "plan", INPUT, OUTPUT, ...SEGMENTS];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
    equal([code, new TextDecoder().decode(stdout).trim()], [0, "4"], new TextDecoder().decode(stderr));
    await succeeds(make("0-3"));
    await succeeds(segments("join", FOLDER));
  });
  await checkDone(scene);
}

async function severalAtOnce(scene: Scene): Promise<void> {
  await succeeds(plan());
  await using slomo = await openSlomo({ manifest: SEGMENTS[1]!, backend: "cpu", workers: 0 });
  await using video = await slomo.segments(INPUT, OUTPUT);
  equal(await Promise.all([0, 1, 2, 3].map((index) => video.make(index))), ["made", "made", "made", "made"]);
  await video.join();
  await video[Symbol.asyncDispose]();
  await checkDone(scene);
}

async function mixedPlaces(scene: Scene): Promise<void> {
  const { at, expected } = scene;
  await succeeds(plan(INPUT, at("local.mp4")));
  await succeeds(segments("make", at("local.mp4.segments"), "0-3", ...NO_WORKERS));
  await succeeds(segments("join", at("local.mp4.segments")));
  ok(Buffer.compare(await Deno.readFile(at("local.mp4")), expected) === 0);
  await succeeds(plan(at("in.mp4")));
  await succeeds(make("0-3"));
  await succeeds(segments("join", FOLDER));
  await checkDone(scene);
}

async function twoWorkers(scene: Scene): Promise<void> {
  const open = () => openSlomo({ manifest: inRepo("tests/fixtures/long_segments.json"), backend: "cpu", workers: 0 });
  await using first = await open();
  await using second = await open();
  await using a = await first.segments(INPUT, OUTPUT);
  await using b = await second.segments(INPUT, OUTPUT);
  const [one, two] = await Promise.all([a.plan(), b.plan()]);
  equal(one.segments, two.segments);
  equal(await a.missing(), [0, 1, 2, 3]);
  for (let index = 0; index < 4; index++) await Promise.all([a.make(index), b.make(index)]);
  equal([await a.missing(), await b.make(2)], [[], "present"]);
  await b.join();
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
  await checkDone(scene);
}

async function changedSource(scene: Scene): Promise<void> {
  const { storage, at } = scene;
  await succeeds(plan());
  await using slomo = await openSlomo({
    manifest: inRepo("tests/fixtures/long_segments.json"),
    backend: "cpu",
    workers: 0,
  });
  await using open = await slomo.segments(INPUT, OUTPUT);
  await open.make(0);
  const bytes = await Deno.readFile(at("in.mp4"));
  bytes[bytes.length - 1]! ^= 1;
  await storage.write(INPUT, bytes);
  await fails(
    make("1"),
    2,
    /cannot make its segments: these differ from those that the segments were planned with: the input/,
  );
  const reason = await open.make(1).then(() => undefined, (error: Error) => `${error.name}: ${error.message}`);
  equal(reason, `UsageError: ${INPUT}: the object has changed; plan again`);
  await fails(plan(), 2, /planned otherwise; changed: the input/);
  await storage.upload(INPUT, at("in.mp4"));
  await succeeds(make("1-3"));
  await succeeds(segments("join", FOLDER));
  await open[Symbol.asyncDispose]();
  await checkDone(scene);
}

async function refusals({ at, storage }: Scene): Promise<void> {
  const under = (values: Parameters<typeof withVariables>[0], code: number, message: RegExp) =>
    withVariables(values, () => fails(plan(), code, message));
  await fails(plan("s3://videos/none.mp4"), 2, /^slomo: s3:\/\/videos\/none\.mp4: there is no such object$/);
  await fails(
    plan("s3://nothing/in.mp4"),
    2,
    /^slomo: s3:\/\/nothing: there is no such bucket at 127\.0\.0\.1:\d+; create it/,
  );
  await fails(plan(INPUT, "s3://nothing/out.mp4"), 2, /^slomo: s3:\/\/nothing: there is no such bucket/);
  await fails(plan(INPUT, "s3://videos/x/../out.mp4"), 2, /must be s3:\/\/BUCKET\/KEY, without empty parts/);
  await fails(plan(INPUT, INPUT), 2, /cannot write the object: it is the source/);
  await fails(plan(INPUT, "s3://videos/frames/"), 2, /must be a video file in the storage/);
  const run = (...args: readonly string[]) => task("interpolate", [...args, ...SEGMENTS, ...NO_WORKERS]);
  await fails(
    run("s3://videos/none.mp4", at("x.mp4")),
    2,
    /^slomo: s3:\/\/videos\/none\.mp4: there is no such object$/,
  );
  await fails(run(at("in.mp4"), "s3://nothing/x.mp4"), 2, /^slomo: s3:\/\/nothing: there is no such bucket/);
  await fails(run(INPUT, INPUT, "--overwrite"), 2, /cannot write the object: it is the source/);
  await fails(run(INPUT, "s3://videos/frames/"), 2, /frames\/: must be a video file in the storage/);
  await fails(
    run(INPUT, "s3://videos/%05d.png"),
    2,
    /^slomo: s3:\/\/videos\/%05d\.png: must be a video file in the storage/,
  );
  await fails(run(INPUT, OUTPUT, "--resume"), 2, /out\.mp4: --resume needs a file as output, .* in segments instead$/);
  await fails(
    run(INPUT, "--out", at(".")),
    2,
    /cannot use objects in a batch; .* submit the video to workers with --queue$/,
  );
  await fails(
    task("interpolate", [INPUT, at("x.mp4"), "--device", "cpu,cpu"]),
    2,
    /cannot use objects with several devices; .* submit the video to workers with --queue$/,
  );
  await storage.write("s3://videos/text.mp4", "no video");
  await fails(plan("s3://videos/text.mp4"), 2, /^slomo: s3:\/\/videos\/text\.mp4: cannot read the file/);
  await storage.remove("s3://videos/text.mp4");
  await under(
    { AWS_ACCESS_KEY_ID: "", ...NO_PROFILES },
    2,
    /^slomo: s3: cannot connect to .*: there are no credentials; set the environment/,
  );
  await under({ AWS_ACCESS_KEY_ID: "unknown" }, 1, /refuses access \(InvalidAccessKeyId\); check AWS_ACCESS_KEY_ID/);
  await under({ AWS_SECRET_ACCESS_KEY: "wrong" }, 1, /refuses access \(SignatureDoesNotMatch\)/);
  await under(KEYS.reader, 1, /cannot write the object: .* refuses access \(AccessDenied\)/);
  await under(
    { AWS_ENDPOINT_URL: "http://127.0.0.1:9" },
    1,
    /no connection to 127\.0\.0\.1:9: .*; check AWS_ENDPOINT_URL/,
  );
  await under(
    { AWS_ENDPOINT_URL: "http://a:hush@b" },
    2,
    /^slomo: s3: cannot use AWS_ENDPOINT_URL: it must be such as/,
  );
}

async function largeObjects({ storage, at }: Scene): Promise<void> {
  const bytes = new Uint8Array(18 * 2 ** 20), large = "s3://videos/large";
  for (let at = 0; at < bytes.length; at += 2 ** 16) crypto.getRandomValues(bytes.subarray(at, at + 2 ** 16));
  await Deno.writeFile(at("large"), bytes);
  const stop = new AbortController();
  await using gate = new Gate(Number(new URL(Deno.env.get("AWS_ENDPOINT_URL")!).port));
  gate.hold(/^PUT \/videos\/large\?partNumber=2/);
  const writing = ownerOf(gate.port).upload(large, at("large"), { signal: stop.signal });
  await until(() => gate.isHeld, "the second part");
  gate.hold(undefined);
  stop.abort(new Error("enough"));
  equal(await writing.catch((error: Error) => error.message), "enough");
  equal(await storage.facts(large), undefined);
  await storage.upload(large, at("large"), { mark: "mark-1" });
  equal([(await storage.facts(large))!.size, (await storage.facts(large))!.mark], [bytes.length, "mark-1"]);
  await storage.download(large, at("copy"));
  ok(Buffer.compare(await Deno.readFile(at("copy")), bytes) === 0);
  await storage.remove(large);
}
