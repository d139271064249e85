/** Videos over a queue: tests that need one kind of server only, and tests of the command line. */
import { deepStrictEqual as equal, match } from "node:assert/strict";
import { ffmpeg, SmallDisk, task, whyNoSmallDisk } from "../_tools.ts";
import { testUnless } from "../_unless.ts";
import { takesNextNearEnd } from "./_fake.ts";
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
for (const [kind, start] of [["Redis", () => startRedis()], ["PostgreSQL", startPostgres]] as const) {
  Deno.test(`a worker takes one more segment over ${kind} near the end of a segment, not before`, async () => {
    await using server = await start();
    await takesNextNearEnd(server.url);
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
