/** Videos over a queue on real servers: whatever fails, nothing is lost, and the bytes are those of a single run. */
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { openQueueServer, QueueClient, type VideoState } from "@slomo/queue";
import { SEGMENTS } from "../_segments.ts";
import {
  ffmpeg,
  inRepo,
  interpolate,
  list,
  NO_WORKERS,
  programs,
  SmallDisk,
  task,
  whyNoSmallDisk,
  withFolder,
} from "../_tools.ts";
import { startPostgres, startRedis, TestWorker, until } from "./_servers.ts";

/** Files and servers of a test. */
interface Scene {
  readonly url: string;
  readonly client: QueueClient;
  readonly folder: string;
  readonly input: string;
  readonly output: string;
  /** Bytes that a single run writes. */
  readonly expected: Uint8Array;
  at(name: string): string;
  /** Starts a worker. */
  worker(...options: readonly string[]): TestWorker;
  /** Starts a worker whose segments stop as long as the file `block` exists, and whose segment 1 fails while `poison` exists. */
  heldWorker(): Promise<TestWorker>;
  /** Submits the video, and returns its ID. */
  submit(): Promise<string>;
  /** Waits until the state of the video has a property. */
  sees(id: string, isSeen: (state: VideoState) => boolean): Promise<VideoState>;
  /** Checks that the video is complete and that nothing else is left. */
  checkDone(id: string): Promise<void>;
}

/** A wrapper around ffmpeg, so that the test decides when a segment goes on, and whether it fails. */
async function wrapFfmpeg(at: (name: string) => string): Promise<string> {
  const { ffmpeg, ffprobe } = await programs(), path = at("bin/ffmpeg");
  await Deno.mkdir(at("bin"), { recursive: true });
  const encoder = `*"000001-"*) if [ -e "${at("poison")}" ]; then cat >/dev/null; echo "device lost" >&2; exit 3; fi;;`;
  const decoder = `*"-f nut pipe:1") while [ -e "${at("block")}" ]; do sleep 0.1; done;;`;
  const script = `#!/bin/sh\ncase "$*" in ${encoder} ${decoder} esac\nexec "${ffmpeg}" "$@"\n`;
  await Deno.writeTextFile(path, script, { mode: 0o755 });
  await Deno.symlink(ffprobe, at("bin/ffprobe")).catch(() => {});
  return path;
}

async function withScene(url: string, test: (scene: Scene) => Promise<void>): Promise<void> {
  await withFolder(async (root) => {
    const folder = `${root}/videos`, at = (name: string) => `${root}/${name}`;
    await Deno.mkdir(folder);
    const input = `${folder}/in.mp4`, output = `${folder}/out.mp4`;
    const source = ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=24:d=2", "-f", "lavfi", "-i", "sine=d=2"];
    await ffmpeg(...source, "-pix_fmt", "yuv420p", "-c:a", "aac", input);
    const single = await interpolate([input, at("single.mp4"), ...SEGMENTS, ...NO_WORKERS]);
    equal(single.code, 0, single.err);
    await using server = await openQueueServer(url);
    await using client = new QueueClient(server);
    await using workers = new AsyncDisposableStack();
    const start = (options: readonly string[]) => workers.use(new TestWorker(url, folder, [...SEGMENTS, ...options]));
    const scene: Scene = {
      ...{ url, client, folder, input, output, at },
      expected: await Deno.readFile(at("single.mp4")),
      worker: (...options) => start(options),
      heldWorker: async () => start(["--ffmpeg", await wrapFfmpeg(at)]),
      async submit() {
        const { code, out, err } = await task("interpolate", [input, output, "--queue", url, "--detach"]);
        equal(code, 0, err);
        return out.trim();
      },
      async sees(id, isSeen) {
        let state: VideoState | undefined;
        await until(async () => isSeen(state = await client.state(id)), `state of ${id}: ${JSON.stringify(state)}`);
        return state!;
      },
      async checkDone(id) {
        const { error } = await scene.sees(id, ({ phase }) => phase === "done" || phase === "failed");
        equal(error, undefined);
        ok(Buffer.compare(await Deno.readFile(output), scene.expected) === 0, "the bytes differ");
        equal(await list(folder), ["in.mp4", "out.mp4"]);
      },
    };
    await test(scene);
  });
}

const block = (scene: Scene) => Deno.writeTextFile(scene.at("block"), "");
const unblock = (scene: Scene) => Deno.remove(scene.at("block"));
const isMaking = ({ active }: VideoState) => active.length > 0;

/** Brings a worker into the middle of a segment. */
async function held(scene: Scene): Promise<{ readonly id: string; readonly worker: TestWorker }> {
  const worker = await scene.heldWorker(), id = await scene.submit();
  await worker.prints(/segments, 4 of them to make/);
  await scene.sees(id, isMaking);
  return { id, worker };
}

/** Submits a video and plans it, so that segments are stopped. */
async function heldFromStart(scene: Scene): Promise<{ readonly id: string; readonly worker: TestWorker }> {
  const planned = await task("segments", ["plan", scene.input, scene.output, ...SEGMENTS]);
  equal(planned.code, 0, planned.err);
  // The plan of the worker is the same but for its command, so that it need not decode.
  await block(scene);
  return await held(scene);
}

for (const [kind, start] of [["Redis", startRedis], ["PostgreSQL", startPostgres]] as const) {
  Deno.test(`videos over ${kind}`, async (t) => {
    await using server = await start();
    const step = (name: string, test: (scene: Scene) => Promise<void>) =>
      t.step(name, () => withScene(server.url, test));

    await step("interpolate --queue watches two workers", async (scene) => {
      scene.worker("--name", "a");
      scene.worker("--name", "b");
      const { code, out, err } = await task("interpolate", [scene.input, scene.output, "--queue", scene.url, "--json"]);
      equal(code, 0, err);
      const facts = out.trim().split("\n").map((line) => JSON.parse(line));
      equal(facts.at(-1), { type: "done", output: scene.output });
      const id = facts.find(({ type }) => type === "phase").id;
      await scene.checkDone(id);
      const listed = await task("queue", [scene.url, "list"]);
      match(listed.out, new RegExp(`^${id} done 100% of 96 frames: .*in\\.mp4 → .*out\\.mp4$`, "m"));
      match((await task("queue", [scene.url, "watch", id])).err, /out\.mp4: 96 frames/);
    });

    await step("a worker that is killed in a segment", async (scene) => {
      const { id, worker } = await heldFromStart(scene);
      equal(await worker.end("SIGKILL"), 137);
      await unblock(scene);
      scene.worker();
      await scene.checkDone(id);
    });

    await step("a worker that is asked to stop in a segment hands it back", async (scene) => {
      const { id, worker } = await heldFromStart(scene);
      equal(await worker.end("SIGTERM"), 143);
      equal(worker.log.split("\n").filter((line) => line.startsWith("slomo: ")), ["slomo: stopped"]);
      equal((await scene.client.state(id)).active, []);
      await unblock(scene);
      scene.worker();
      await scene.checkDone(id);
    });

    await step("a worker that is slower than its lock", async (scene) => {
      const { id, worker } = await heldFromStart(scene);
      worker.child.kill("SIGSTOP");
      await unblock(scene);
      const other = scene.worker();
      await other.prints(/joined/);
      await scene.checkDone(id);
      worker.child.kill("SIGCONT");
      equal(await worker.end("SIGTERM"), 143);
      equal(await list(scene.folder), ["in.mp4", "out.mp4"]);
    });

    await step("a segment that always fails is one line, and is made by retry", async (scene) => {
      await Deno.writeTextFile(scene.at("poison"), "");
      const worker = await scene.heldWorker(), id = await scene.submit();
      const { error } = await scene.sees(id, ({ phase }) => phase === "failed");
      match(
        error!,
        /^1 segments could not be made: ffmpeg, writing .*out\.mp4 .*: device lost; the others are kept: retry makes/,
      );
      equal(worker.log.match(/segment .*: attempt \d failed/g)?.length, 3);
      const watched = await task("queue", [scene.url, "watch", id]);
      equal(watched.code, 1);
      match(watched.err, /^slomo: .*out\.mp4: 1 segments could not be made/m);
      await Deno.remove(scene.at("poison"));
      const before = worker.log.length, again = await task("queue", [scene.url, "retry", id]);
      equal(again.code, 0, again.err);
      await scene.checkDone(again.out.trim());
      equal(worker.log.slice(before).match(/segment \d in/g), ["segment 1 in"]);
    });

    await step("cancel stops the segment, and the worker goes on with other videos", async (scene) => {
      const { id, worker } = await heldFromStart(scene);
      equal((await task("queue", [scene.url, "cancel", id])).code, 0);
      await scene.sees(id, ({ phase, active }) => phase === "cancelled" && active.length === 0);
      equal(await list(scene.folder), ["in.mp4", "out.mp4.segments"]);
      await unblock(scene);
      await scene.checkDone(await scene.submit());
      ok(worker.log.length > 0);
    });

    await step("Ctrl-C of the submitter detaches", async (scene) => {
      await block(scene);
      const controller = new AbortController(),
        onLine = (line: string) => line.includes("waiting") && controller.abort();
      const args = [scene.input, scene.output, "--queue", scene.url, "--json"];
      const { code, err, out } = await task("interpolate", args, { signal: controller.signal, onLine });
      equal(code, 130);
      match(err, /detached; the video goes on: deno task queue URL watch v/);
      await unblock(scene);
      scene.worker();
      await scene.checkDone(JSON.parse(out.split("\n")[0]!).id);
    });

    await step("a worker with other facts leaves the segments alone", async (scene) => {
      const { id, worker } = await heldFromStart(scene);
      equal(await worker.end("SIGTERM"), 143);
      await unblock(scene);
      const other = scene.worker("--backend", "wasm");
      await other.prints(/ready/);
      scene.worker();
      await scene.checkDone(id);
      equal(other.log.includes("segment"), false);
    });

    await step("a source that changes between plan and segment is one line", async (scene) => {
      const { id, worker } = await heldFromStart(scene);
      equal(await worker.end("SIGTERM"), 143);
      await Deno.utime(scene.input, new Date(0), new Date(0));
      await unblock(scene);
      scene.worker();
      const { error } = await scene.sees(id, ({ phase }) => phase === "failed");
      match(error!, /these differ from those that the segments were planned with: the input[^\n]*$/);
    });

    await step("jobs that name other folders, code or programs are refused", async (scene) => {
      const worker = scene.worker();
      const refused = async (options: Record<string, string>, message: RegExp, output = scene.output) => {
        const command = { input: scene.input, output, options };
        const id = await scene.client.submit({ command, input: scene.input, output });
        match((await scene.sees(id, ({ phase }) => phase === "failed")).error!, message);
      };
      await refused({ manifest: "/evil.json" }, /the option "manifest" of a job is not accepted/);
      await refused({ ffmpeg: "/evil" }, /the option "ffmpeg" is unknown/);
      await refused({ crf: "99" }, /`crf` must be a number from 0 to 63/);
      await refused({ retime: "/etc/passwd" }, /\/etc\/passwd is outside the folders that this worker may use/);
      await refused({}, /other\.mp4 is outside the folders that this worker may use/, scene.at("other.mp4"));
      await Deno.symlink(scene.at("."), `${scene.folder}/link`);
      await refused({}, /other\.mp4 is outside the folders/, `${scene.folder}/link/other.mp4`);
      await Deno.remove(`${scene.folder}/link`);
      const given = await task("interpolate", [scene.input, scene.output, "--queue", scene.url, "--weights", "x"]);
      equal(given.code, 2);
      match(given.err, /--weights cannot be combined with --queue: workers choose it/);
      await scene.checkDone(await scene.submit());
      ok(worker.log.length > 0);
    });

    await step("a worker with the permissions of its task only", async (scene) => {
      const id = await scene.submit(), command = [inRepo("scripts/main.ts"), "worker", scene.url, "--once"];
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", ...command, "--allow-root", scene.folder, ...SEGMENTS, ...NO_WORKERS],
        stdin: "null",
      }).output();
      equal(code, 0, new TextDecoder().decode(stderr));
      await scene.checkDone(id);
    });

    await step("two processes that make one segment at once", async (scene) => {
      const planned = await task("segments", ["plan", scene.input, scene.output, ...SEGMENTS]);
      equal(planned.code, 0, planned.err);
      const id = await scene.submit();
      scene.worker();
      await scene.sees(id, ({ phase }) => phase !== "waiting");
      const made = await task("segments", ["make", `${scene.output}.segments`, "0-3", ...NO_WORKERS]);
      ok(made.code === 0 || /has no plan|there is no such file|cannot read the task/.test(made.err), made.err);
      await scene.checkDone(id);
    });

    await step("the server is restarted with its data", async (scene) => {
      const { id } = await heldFromStart(scene);
      await server.restart({ keepsData: true });
      await unblock(scene);
      await scene.checkDone(id);
    });

    await step("the server is restarted without its data", async (scene) => {
      const { id, worker } = await heldFromStart(scene);
      await unblock(scene);
      await worker.prints(/segment \d in/);
      await worker.end("SIGTERM");
      await server.restart({ keepsData: false });
      const lost = await task("queue", [scene.url, "watch", id]);
      equal(lost.code, 2);
      match(lost.err, /^slomo: the queue has no video v\w+; if the server has lost its data, submit the video again/m);
      scene.worker();
      await scene.checkDone(await scene.submit());
    });
  });
}

const noDisk = await whyNoSmallDisk();
Deno.test({
  name: `a shared folder that is full is one line, and retry continues${noDisk ? `: ${noDisk}` : ""}`,
  ignore: noDisk !== undefined,
  async fn() {
    await using server = await startRedis();
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
  },
});

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
