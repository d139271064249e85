/** Steps of the test of object storage with workers of a queue. */
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { openQueueServer, QueueClient, type VideoState } from "@slomo/queue";
import { SEGMENTS } from "../_segments.ts";
import { task } from "../_tools.ts";
import { runPermitted, seeState, TestWorker, until } from "../queue/_servers.ts";
import { checkDone, INPUT, names, OUTPUT, type Scene, SECRETS, succeeds } from "./_scene.ts";
import { Gate, withVariables } from "./_server.ts";

/** Opens the client of the queue, and helpers for videos in it. */
async function openQueue({ url }: Scene) {
  await using stack = new AsyncDisposableStack();
  const client = stack.use(new QueueClient(stack.use(await openQueueServer(url))));
  const opened = stack.move();
  return {
    submit: async () => {
      const submitted = task("interpolate", [INPUT, OUTPUT, "--queue", url, "--detach"]);
      return (await succeeds(submitted)).out.trim();
    },
    sees: (id: string, isSeen: (state: VideoState) => boolean) => seeState(client, id, isSeen),
    client,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

const worker = ({ url }: Scene) => new TestWorker(url, "s3://videos", [...SEGMENTS, "--once"]);

/** Waits until a worker has nothing more to do, and checks that it has printed no key. */
async function ends(worker: TestWorker): Promise<void> {
  equal((await worker.child.status).code, 0, worker.log);
  ok(!SECRETS.test(worker.log), worker.log);
}

/** A worker with the permissions of its task, and one that may not write the output. */
export async function queuedVideo(scene: Scene): Promise<void> {
  await using queue = await openQueue(scene);
  const id = await queue.submit();
  const outside = new TestWorker(scene.url, "s3://videos/a b,s3://videos/mad", [...SEGMENTS, "--once"]);
  await ends(outside);
  match(
    (await queue.sees(id, ({ phase }) => phase === "failed")).error!,
    /^queue: s3:\/\/videos\/made\/out\.mp4 is outside the folders that this worker may use/,
  );
  const again = await queue.client.retry(id);
  await runPermitted(scene.url, "s3://videos");
  equal((await queue.sees(again, ({ phase }) => phase === "done" || phase === "failed")).error, undefined);
  const dump = await new Deno.Command("redis-cli", { args: ["-u", scene.url, "--rdb", scene.at("dump")] }).output();
  ok(dump.success, new TextDecoder().decode(dump.stderr));
  const stored = new TextDecoder("latin1").decode(await Deno.readFile(scene.at("dump")));
  ok(stored.includes("s3://videos") && !SECRETS.test(stored) && !stored.includes("X-Amz"));
  await checkDone(scene);
}

/** A worker that is killed while it writes a segment. */
export async function killedWorker(scene: Scene): Promise<void> {
  await using queue = await openQueue(scene);
  await using gate = new Gate(scene.server.port);
  gate.hold(/^PUT \/videos\/made\/out\.mp4\.segments\/000001-/);
  const id = await queue.submit();
  await withVariables({ AWS_ENDPOINT_URL: `http://127.0.0.1:${gate.port}` }, async () => {
    await using killed = worker(scene);
    await until(() => gate.isHeld, "the segment");
    await killed.end("SIGKILL");
  });
  const left = (await names(scene)).filter((name) => /segments\/000001/.test(name));
  equal(left, []);
  // The killed process has left files on its own disk.
  for await (const { name } of Deno.readDir(scene.at("scratch"))) {
    await Deno.remove(scene.at(`scratch/${name}`), { recursive: true });
  }
  await using other = worker(scene);
  equal((await queue.sees(id, ({ phase }) => phase === "done" || phase === "failed")).error, undefined);
  await ends(other);
  await checkDone(scene);
}

/** A server that is restarted while a worker writes a segment. */
export async function restartedServer(scene: Scene): Promise<void> {
  const { server } = scene;
  await using queue = await openQueue(scene);
  await using gate = new Gate(server.port);
  gate.hold(/^PUT \/videos\/made\/out\.mp4\.segments\/000001-/);
  const id = await queue.submit();
  await withVariables({ AWS_ENDPOINT_URL: `http://127.0.0.1:${gate.port}` }, async () => {
    await using first = worker(scene);
    await until(() => gate.isHeld, "the segment");
    // The held request fails, and is repeated until the server is back.
    gate.hold(undefined);
    gate.close();
    await server.restart();
    equal((await queue.sees(id, ({ phase }) => phase === "done" || phase === "failed")).error, undefined);
    await ends(first);
  });
  await checkDone(scene);
}

/** A worker with a wrong key. */
export async function refusedWorker(scene: Scene): Promise<void> {
  await using queue = await openQueue(scene);
  const id = await queue.submit();
  await withVariables({ AWS_SECRET_ACCESS_KEY: "wrong" }, async () => {
    await using refused = worker(scene);
    const { error } = await queue.sees(id, ({ phase }) => phase === "failed");
    match(
      error!,
      /^s3:\/\/videos\/a b\/in\+1\.mp4: cannot read the object: .* refuses access \(SignatureDoesNotMatch\);/,
    );
    await ends(refused);
  });
  const again = await queue.client.retry(id);
  await using other = worker(scene);
  equal((await queue.sees(again, ({ phase }) => phase === "done" || phase === "failed")).error, undefined);
  await ends(other);
  await checkDone(scene);
}
