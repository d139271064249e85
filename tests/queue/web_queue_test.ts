/** The page hands its jobs to workers: on a real server, across restarts of the page, with cancel and retry. */
import { deepStrictEqual as equal, match } from "node:assert/strict";
import { openQueueServer, QueueClient } from "@slomo/queue";
import { pageQueue } from "../../scripts/queue/page.ts";
import { jobsWhen, openPage, type TestPage } from "../../web/_testing.ts";
import type { Problem } from "../../web/shared/types.ts";
import { SEGMENTS } from "../_segments.ts";
import { ffmpeg, list, probe, withFolder } from "../_tools.ts";
import { startRedis, TestWorker, until } from "./_servers.ts";

Deno.test("jobs of the page are made by workers, and are found again after a restart of the page", async () => {
  await using redis = await startRedis();
  await withFolder(async (folder, at) => {
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x36:r=24:d=1", "-pix_fmt", "yuv420p", at("in.mp4"));
    await using server = await openQueueServer(redis.url);
    await using client = new QueueClient(server);
    const open = async () => {
      const page = await openPage(folder, { remote: pageQueue(server, client) });
      page.queue.start();
      return page;
    };
    const add = async (page: TestPage, name: string, settings: Readonly<Record<string, string>>) =>
      (await page.post<{ id: string }>("/api/jobs", { file: "0/in.mp4", name, settings })).id;
    const isAt = (detail: string) => (job: { readonly detail: string | undefined }) => job.detail === detail;
    const retime = JSON.stringify({ speed: [{ at: 0, speed: 0.5 }] });
    let ids: string[];
    {
      await using page = await open();
      ids = [await add(page, "slow.mp4", { retime }), await add(page, "double.mp4", { factor: "2" })];
      await jobsWhen(page, (jobs) => jobs.length === 2 && jobs.every(isAt("waiting for a worker")));
      match(
        (await page.post<{ error: Problem }>(`/api/jobs/${ids[0]}/pause`)).error.message,
        /cannot be paused: workers/,
      );
      const gone = await add(page, "gone.mp4", {});
      await jobsWhen(page, (jobs) => jobs.length === 3 && jobs.every(isAt("waiting for a worker")));
      equal(await page.post(`/api/jobs/${gone}/cancel`), { ok: true });
      equal((await list(at(".slomo-web/jobs"))).sort(), ids.toSorted());
      equal((await client.list()).filter(({ phase }) => phase === "waiting").length, 2);
      await page.post(`/api/jobs/${gone}/remove`);
    }
    await using page = await open();
    await jobsWhen(page, (jobs) => jobs.every(isAt("waiting for a worker")));
    equal((await client.list()).filter(({ phase }) => phase === "waiting").length, 2);
    // Someone else cancels a video; the page says so, and submits it again.
    const other = (await client.list()).find(({ output }) => output.endsWith("double.mp4"))!;
    await client.cancel(other.id);
    const failed = await jobsWhen(page, (jobs) => jobs.some(({ state }) => state === "failed"));
    equal(failed.map(({ state }) => state), ["running", "failed"]);
    await page.post(`/api/jobs/${ids[1]}/retry`);
    await using worker = new TestWorker(redis.url, folder, SEGMENTS);
    const done = await jobsWhen(page, (jobs) => jobs.every(({ state }) => state === "done" || state === "failed"));
    equal(done.map(({ message, result, total }) => [message, result, total]), [
      [undefined, "0/slow.mp4", 48],
      [undefined, "0/double.mp4", 48],
    ], worker.log);
    for (const name of ["slow.mp4", "double.mp4"]) equal((await probe(at(name))).video.nb_read_frames, "48");
    equal(await list(folder), [".slomo-web", "double.mp4", "in.mp4", "slow.mp4"]);
    equal(await list(at(".slomo-web/jobs")), []);
    await until(async () => (await client.list()).every(({ active }) => active.length === 0), "idle workers");
  });
});
