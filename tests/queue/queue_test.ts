/** Videos over a queue: tests that need one kind of server only, and tests of the command line. */
import { deepStrictEqual as equal, match } from "node:assert/strict";
import { ffmpeg, SmallDisk, task, whyNoSmallDisk } from "../_tools.ts";
import { testUnless } from "../_unless.ts";
import { joinsOnce, makesOutputOnce, takesNextNearEnd } from "./_fake.ts";
import { block, isMaking, unblock, withScene } from "./_scene.ts";
import { startPostgres, startRedis, type TestServer } from "./_servers.ts";

/** Fills the folder of a video while a worker makes it. */
async function fillFolder(start: () => Promise<TestServer>): Promise<void> {
  await using server = await start();
  await withScene(server.url, async (scene) => {
    const bytes = await Deno.readFile(scene.input);
    await using disk = await SmallDisk.mount(scene.folder, `${Math.ceil(bytes.length / 1024) + 24}k`);
    await Deno.writeFile(scene.input, bytes);
    scene.worker();
    const id = await scene.submit();
    const { error } = await scene.sees(id, ({ phase }) => phase === "failed");
    match(error!, /No space left/i);
    await disk.resize("10m");
    await scene.checkDone((await task("queue", [scene.url, "retry", id])).out.trim());
  });
}

const noDisk = await whyNoSmallDisk();
for (const [kind, start] of [["Redis", () => startRedis()], ["PostgreSQL", () => startPostgres()]] as const) {
  Deno.test(`a worker takes one more segment over ${kind} near the end of a segment, not before`, async () => {
    await using server = await start();
    await takesNextNearEnd(server.url);
  });
  Deno.test(`an output is made by one video at once over ${kind}`, async () => {
    await using server = await start();
    await makesOutputOnce(server.url);
  });
  Deno.test(`a join over ${kind} is not tried again without its segments`, async () => {
    await using server = await start();
    await joinsOnce(server.url);
  });
  testUnless(
    noDisk,
    `a shared folder that is full is one line, and retry over ${kind} continues`,
    () => fillFolder(start),
  );
}

Deno.test("addresses that are wrong, and servers that do not answer or refuse, are one line", async () => {
  const refused = async (url: string, code: number, message: RegExp) => {
    const { code: actual, err } = await task("queue", [url, "list"]);
    equal([actual, err.trim().split("\n").length], [code, 1], err);
    match(err, message);
  };
  const page = await task("web", ["--port", "0", "--queue", "http://localhost"]);
  equal(page.code, 2, page.err);
  match(page.err, /--queue must be the URL of a server/);
  await refused("http://localhost", 2, /--queue must be the URL of a server|`queue` must be the URL of a server/);
  await refused(
    "redis://127.0.0.1:1",
    1,
    /^slomo: queue: cannot connect to 127\.0\.0\.1:1: .*refused.*; check the URL/i,
  );
  await refused("postgres://127.0.0.1:1/x", 1, /^slomo: queue: cannot connect to 127\.0\.0\.1:1: .*; check the URL/);
  await using server = await startRedis();
  await refused(
    server.url.replace("//", "//nobody:wrong@"),
    1,
    /cannot connect to .*: WRONGPASS|cannot connect to .*password/i,
  );
  await refused(`${server.url}/99`, 2, /^slomo: queue: cannot use the database 99 of 127\.0\.0\.1:\d+: it has none/);
  await refused(`${server.url}/abc`, 2, /^slomo: queue: cannot use the database abc: Redis numbers its databases/);
  for (const kind of ["redis", "postgres"]) {
    await refused(`${kind}://u:s3%cret@127.0.0.1:1`, 2, /^slomo: queue: cannot read the URL of the server: it has a %/);
  }
  await using postgres = await startPostgres("s3cret");
  await refused(postgres.url, 2, /^slomo: queue: cannot connect to 127\.0\.0\.1:\d+: it asks for a password; write/);
  equal((await task("queue", [postgres.url.replace("slomo@", "slomo:s3cret@"), "list"])).code, 0);
});

Deno.test("a worker that cannot work ends at once", async () => {
  await using server = await startRedis();
  const refused = async (options: readonly string[], message: RegExp) => {
    const { code, err } = await task("worker", [server.url, "--once", "--allow-root", ".", ...options]);
    equal([code, err.trim().split("\n").length], [2, 1], err);
    match(err, message);
  };
  await refused(["--backend", "foo"], /^slomo: there is no backend "foo"; --backend can be auto, /);
  await refused(["--backend", "cpu", "--device", "foo"], /^slomo: cpu: cannot compute on device "foo": /);
  await refused(["--device", "cuda:0,cuda:1"], /^slomo: --device of a worker is one device; /);
  await refused(
    ["--allow-root", "/nosuchdir"],
    /^slomo: \/nosuchdir: cannot allow .*: it is not a folder; .*--allow-root\n$/,
  );
});

Deno.test("options of the queue need a queue, and --json writes JSON with --detach", async () => {
  for (const option of [["--detach"], ["--priority", "1"], ["--shards", "2"]]) {
    const { code, err } = await task("interpolate", ["in.mp4", "out.mp4", ...option]);
    equal(code, 2);
    match(err, new RegExp(`^slomo: ${option[0]} needs --queue: `));
  }
  await using server = await startRedis();
  const args = ["in.mp4", "out.mp4", "--queue", server.url, "--detach"];
  const { out } = await task("interpolate", [...args, "--json"]), { type, id } = JSON.parse(out);
  equal(type, "submitted");
  const again = await task("interpolate", args);
  equal(again.code, 2);
  match(again.err, new RegExp(`^slomo: queue: ${id} already makes .*out\\.mp4; watch it with `));
});

Deno.test("a source longer than 10 minutes is scanned in shards, and cancel stops them", async () => {
  await using server = await startRedis();
  await withScene(server.url, async (scene) => {
    await Deno.remove(scene.input);
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x36:r=1:d=602", "-pix_fmt", "yuv420p", scene.input);
    await block(scene);
    const worker = await scene.heldWorker(), id = await scene.submit();
    const { scanned } = await scene.sees(id, isMaking);
    equal(scanned, { done: 0, shards: 3 });
    equal((await task("queue", [scene.url, "cancel", id])).code, 0);
    await scene.sees(id, ({ phase, active }) => phase === "cancelled" && active.length === 0);
    await unblock(scene);
    equal(await worker.end("SIGTERM"), 143);
    const one = await scene.submit("--shards", "1");
    scene.worker();
    const { scanned: none } = await scene.sees(one, ({ frames }) => frames !== undefined);
    equal(none, undefined);
    await scene.client.cancel(one);
  });
});
