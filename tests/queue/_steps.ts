/** Tests of videos over a queue: whatever fails, no segment is lost, and the output has the bytes of a single run. */
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { SEGMENTS } from "../_segments.ts";
import { list, NO_WORKERS, task } from "../_tools.ts";
import { areHeld, block, heldFromStart, isMaking, type Scene, unblock } from "./_scene.ts";
import { runPermitted, type TestServer } from "./_servers.ts";

/** Steps that are the same on all servers; each has a scene of its own. */
export const STEPS: Readonly<Record<string, (scene: Scene, server: TestServer) => Promise<void>>> = {
  "interpolate --queue watches two workers": async (scene) => {
    scene.worker("--name", "a");
    scene.worker("--name", "b");
    const { code, out, err } = await task("interpolate", [scene.input, scene.output, "--queue", scene.url, "--json"]);
    equal(code, 0, err);
    const facts = out.trim().split("\n").map((line) => JSON.parse(line));
    equal(facts.at(-1), { type: "done", output: scene.output });
    const { id } = facts[0];
    equal(facts[0], { type: "submitted", id });
    await scene.checkDone(id);
    const listed = await task("queue", [scene.url, "list"]);
    match(listed.out, new RegExp(`^${id} done 100% of 96 frames: .*in\\.mp4 → .*out\\.mp4$`, "m"));
    match((await task("queue", [scene.url, "watch", id])).err, /out\.mp4: 96 frames/);
  },

  "a worker that is killed in a segment": async (scene) => {
    const { id, worker } = await heldFromStart(scene);
    equal(await worker.end("SIGKILL"), 137);
    await unblock(scene);
    scene.worker();
    await scene.checkDone(id);
  },

  "a worker that is asked to stop in a segment hands it back": async (scene) => {
    const { id, worker } = await heldFromStart(scene);
    equal(await worker.end("SIGTERM"), 143);
    equal(worker.log.split("\n").filter((line) => line.startsWith("slomo: ")), ["slomo: stopped"]);
    equal((await scene.client.state(id)).active, []);
    await unblock(scene);
    scene.worker();
    await scene.checkDone(id);
  },

  "a worker that is slower than its lock": async (scene) => {
    const { id, worker } = await heldFromStart(scene);
    worker.child.kill("SIGSTOP");
    await unblock(scene);
    const other = scene.worker();
    await other.prints(/joined/);
    await scene.checkDone(id);
    worker.child.kill("SIGCONT");
    equal(await worker.end("SIGTERM"), 143);
    equal(await list(scene.folder), ["in.mp4", "out.mp4"]);
  },

  "a segment that always fails is one line, and is made by retry": async (scene) => {
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
  },

  "cancel stops the segment, and the worker goes on with other videos": async (scene) => {
    const { id, worker } = await heldFromStart(scene);
    equal((await task("queue", [scene.url, "cancel", id])).code, 0);
    await scene.sees(id, ({ phase, active }) => phase === "cancelled" && active.length === 0);
    equal(await list(scene.folder), ["in.mp4", "out.mp4.segments"]);
    await unblock(scene);
    await scene.checkDone(await scene.submit());
    ok(worker.log.length > 0);
  },

  "Ctrl-C of the submitter detaches": async (scene) => {
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
  },

  "a worker with other facts leaves the segments alone": async (scene) => {
    const { id, worker } = await heldFromStart(scene);
    equal(await worker.end("SIGTERM"), 143);
    await unblock(scene);
    const other = scene.worker("--backend", "wasm");
    await other.prints(/ready/);
    scene.worker();
    await scene.checkDone(id);
    equal(other.log.includes("segment"), false);
  },

  "a source that changes between plan and segment is one line": async (scene) => {
    const { id, worker } = await heldFromStart(scene);
    equal(await worker.end("SIGTERM"), 143);
    await Deno.utime(scene.input, new Date(0), new Date(0));
    await unblock(scene);
    scene.worker();
    const { error } = await scene.sees(id, ({ phase }) => phase === "failed");
    match(error!, /these differ from those that the segments were planned with: the input[^\n]*$/);
  },

  "jobs that name other folders, code or programs are refused": async (scene) => {
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
    match(worker.log, /outside the folders that this worker may use; start it with another --allow-root/);
    match((await task("queue", [scene.url, "list"])).out, /may use; start it with another --allow-root$/m);
    const given = await task("interpolate", [scene.input, scene.output, "--queue", scene.url, "--weights", "x"]);
    equal(given.code, 2);
    match(given.err, /--weights cannot be combined with --queue: workers choose it/);
    await scene.checkDone(await scene.submit());
    ok(worker.log.length > 0);
  },

  "a worker with the permissions of its task only": async (scene) => {
    const id = await scene.submit();
    await runPermitted(scene.url, scene.folder);
    await scene.checkDone(id);
  },

  "two processes that make one segment at once": async (scene) => {
    const planned = await task("segments", ["plan", scene.input, scene.output, ...SEGMENTS]);
    equal(planned.code, 0, planned.err);
    const id = await scene.submit();
    scene.worker();
    await scene.sees(id, ({ phase }) => phase !== "waiting");
    const made = await task("segments", ["make", `${scene.output}.segments`, "0-3", ...NO_WORKERS]);
    ok(made.code === 0 || /has no plan|there is no such file|cannot read the task/.test(made.err), made.err);
    await scene.checkDone(id);
  },

  "the server is restarted with its data": async (scene, server) => {
    const { id } = await heldFromStart(scene);
    await server.restart({ keepsData: true });
    await unblock(scene);
    await scene.checkDone(id);
  },

  "a submitter waits for the server, and goes on when it answers": async (scene, server) => {
    const { id } = await heldFromStart(scene), silent = /does not answer; waiting/g;
    const waiting = Promise.withResolvers<void>();
    let outage: Promise<void> | undefined;
    const endure = async () => {
      await server.stop();
      await waiting.promise;
      await server.restart({ keepsData: true });
      await unblock(scene);
    };
    const onLine = () => void (outage ??= endure());
    const onErrorLine = (line: string) => line.search(silent) >= 0 && waiting.resolve();
    const { code, err } = await task("queue", [scene.url, "watch", id, "--json"], { onLine, onErrorLine });
    await outage;
    equal([code, err.match(silent)?.length], [0, 1], err);
    await scene.checkDone(id);
  },

  "a submitter and workers end while the server is down": async (scene, server) => {
    const { id, worker } = await heldFromStart(scene), idle = scene.worker(), controller = new AbortController();
    await idle.prints(/ready/);
    let begun = 0, stopped: Promise<void> | undefined;
    const onLine = () => void (stopped ??= server.stop());
    const onErrorLine = (line: string) => {
      if (!line.includes("does not answer")) return;
      begun = performance.now();
      controller.abort();
    };
    const args = [scene.url, "watch", id, "--json"];
    const { code, err } = await task("queue", args, { signal: controller.signal, onLine, onErrorLine });
    await stopped;
    equal(code, 130);
    match(err, /127\.0\.0\.1:\d+ does not answer; waiting\ndetached; the video goes on/);
    equal(await Promise.all([worker.end("SIGTERM"), idle.end("SIGINT")]), [143, 130]);
    ok(performance.now() - begun < 60_000, `${performance.now() - begun} ms`);
    await server.restart({ keepsData: true });
    await unblock(scene);
    scene.worker();
    await scene.checkDone(id);
  },

  "the server is restarted without its data": async (scene, server) => {
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
  },
  "a worker that only scans, and is killed in a shard": async (scene) => {
    await block(scene);
    const scanner = await scene.heldWorker("--scan-only"), worker = await scene.heldWorker();
    await scanner.prints(/ready/);
    const id = await scene.submit("--shards", "4");
    await worker.prints(/4 shards, 4 of them to scan/);
    const { scanned } = await scene.sees(id, ({ active }) => active.length === 2);
    equal(scanned, { done: 0, shards: 4 });
    match(
      (await task("queue", [scene.url, "list"])).out,
      new RegExp(`${id} planning, 0 of 4 shards scanned, 2 at work`),
    );
    await areHeld(scene, 2);
    equal(await scanner.end("SIGKILL"), 137);
    await unblock(scene);
    await scene.checkDone(id);
    equal([worker.log.match(/: shard \d in/g)?.length, /segment/.test(scanner.log)], [4, false]);
  },

  "a source that changes while its shards are scanned is one line, and retry scans it again": async (scene) => {
    await block(scene);
    const worker = await scene.heldWorker(), id = await scene.submit("--shards", "2");
    await scene.sees(id, isMaking);
    equal(await worker.end("SIGTERM"), 143);
    await Deno.utime(scene.input, new Date(0), new Date(0));
    await unblock(scene);
    scene.worker();
    const { error } = await scene.sees(id, ({ phase }) => phase === "failed");
    match(
      error!,
      /^2 shards could not be scanned: .*these differ from those .*: the input; the others are kept: retry/,
    );
    await scene.checkDone((await task("queue", [scene.url, "retry", id])).out.trim());
  },

  "a worker of another version leaves the shards of a video alone": async (scene) => {
    await block(scene);
    const worker = await scene.heldWorker(), id = await scene.submit("--shards", "2");
    await scene.sees(id, isMaking);
    equal(await worker.end("SIGTERM"), 143);
    const path = `${scene.output}.segments/shards.json`, text = await Deno.readTextFile(path), set = JSON.parse(text);
    set.facts["slomo's version"] = "0.0.1 on Deno 1.0.0";
    await Deno.writeTextFile(path, JSON.stringify(set));
    await unblock(scene);
    const other = scene.worker();
    await other.prints(/leaves scan \S+ to another worker: .*: slomo's version/);
    equal(await other.end("SIGTERM"), 143);
    await Deno.writeTextFile(path, text);
    scene.worker();
    await scene.checkDone(id);
  },
};
