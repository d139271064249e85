/** A video, a queue and workers, for tests on real servers. */
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { openQueueServer, QueueClient, type VideoState } from "@slomo/queue";
import { SEGMENTS } from "../_segments.ts";
import { ffmpeg, interpolate, list, NO_WORKERS, programs, task, withFolder } from "../_tools.ts";
import { testUnless } from "../_unless.ts";
import { seeState, type TestServer, TestWorker, until } from "./_servers.ts";

/** Files and servers of a test. */
export interface Scene {
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
  heldWorker(...options: readonly string[]): Promise<TestWorker>;
  /** Submits the video, and returns its ID. */
  submit(...options: readonly string[]): Promise<string>;
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
  const decoder = `*"-f nut pipe:1") while [ -e "${at("block")}" ]; do : >"${at("held")}-$PPID"; sleep 0.1; done;;`;
  const script = `#!/bin/sh\ncase "$*" in ${encoder} ${decoder} esac\nexec "${ffmpeg}" "$@"\n`;
  await Deno.writeTextFile(path, script, { mode: 0o755 });
  await Deno.symlink(ffprobe, at("bin/ffprobe")).catch(() => {});
  return path;
}

/** Runs a test with a video, a client and workers. */
export async function withScene(url: string, test: (scene: Scene) => Promise<void>): Promise<void> {
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
      heldWorker: async (...options) => start(["--ffmpeg", await wrapFfmpeg(at), ...options]),
      async submit(...options) {
        const { code, out, err } = await task("interpolate", [input, output, "--queue", url, "--detach", ...options]);
        equal(code, 0, err);
        return out.trim();
      },
      sees: (id, isSeen) => seeState(client, id, isSeen),
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

/** Stops the segments and shards of held workers. */
export const block = (scene: Scene) => Deno.writeTextFile(scene.at("block"), "");
/** Waits until a number of workers wait for the end of {@linkcode block}; before that they check the output. */
export async function areHeld(scene: Scene, count: number): Promise<void> {
  await until(
    async () => (await list(scene.at("."))).filter((name) => name.startsWith("held-")).length >= count,
    `${count} held workers`,
  );
}

/** Lets held workers go on. */
export const unblock = (scene: Scene) => Deno.remove(scene.at("block"));
/** Returns whether a worker is in a segment or a shard. */
export const isMaking = ({ active }: VideoState) => active.length > 0;

/** Brings a worker into the middle of a segment. */
async function held(scene: Scene): Promise<{ readonly id: string; readonly worker: TestWorker }> {
  const worker = await scene.heldWorker(), id = await scene.submit();
  await worker.prints(/segments, 4 of them to make/);
  await scene.sees(id, isMaking);
  await areHeld(scene, 1);
  return { id, worker };
}

/** Submits a video and plans it, so that segments are stopped. */
export async function heldFromStart(scene: Scene): Promise<{ readonly id: string; readonly worker: TestWorker }> {
  const planned = await task("segments", ["plan", scene.input, scene.output, ...SEGMENTS]);
  equal(planned.code, 0, planned.err);
  // The plan of the worker is the same but for its command, so that it need not decode.
  await block(scene);
  return await held(scene);
}

/**
 * Registers a test of steps on a server.
 *
 * @param reason Why the test cannot run here, if it cannot.
 */
export function testOn(
  kind: string,
  start: () => Promise<TestServer>,
  steps: Readonly<Record<string, (scene: Scene, server: TestServer) => Promise<void>>>,
  reason?: string,
): void {
  testUnless(reason, `videos over ${kind}`, async (t) => {
    await using server = await start();
    for (const [step, test] of Object.entries(steps)) {
      await t.step(step, () => withScene(server.url, (scene) => test(scene, server)));
    }
  });
}
