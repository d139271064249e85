/** bull-board shows jobs of our workers, and retries them. */
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { inRepo } from "../_tools.ts";
import { FACTS, withFakes } from "./_fake.ts";
import { freePort, startRedis, until } from "./_servers.ts";

/** A job as the board describes it. */
interface BoardJob {
  readonly id: string;
  readonly progress: unknown;
  readonly failedReason?: string;
}

Deno.test("bull-board shows progress and errors, and its retries complete a video", async () => {
  await using server = await startRedis();
  const port = freePort(), url = `http://127.0.0.1:${port}`, segments = `slomo-segments-${FACTS}`;
  let isBroken = true, made = 0;
  await withFakes({ worker: server.url, submitter: server.url }, {
    make: (_video, _command, index, { onFrame }) => {
      onFrame?.(1, 33);
      if (index === 1 && isBroken) return Promise.reject(new Error("device lost"));
      made++;
      return Promise.resolve();
    },
    join: () => made === 3 ? Promise.resolve() : Promise.reject(new Error("1 of 3 are missing")),
  }, async (client) => {
    const id = await client.submit({ command: {}, input: "in.mp4", output: "out.mp4" });
    await until(async () => (await client.state(id)).phase === "failed", "the video fails");
    equal((await client.state(id)).error?.startsWith("1 segments could not be made: device lost;"), true);
    const args = ["run", "-A", "--quiet", "--no-config", "--no-lock", inRepo("examples/many-machines/board.js")];
    const board = new Deno.Command(Deno.execPath(), {
      args: [...args, server.url, `${port}`],
      ...{ stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
    try {
      const answers = () => fetch(`${url}/`).then((response) => response.text()).catch(() => undefined);
      await until(async () => await answers() !== undefined, "the board");
      match((await answers())!, /<title>Bull Dashboard<\/title>/);
      const jobs = async (status: string): Promise<BoardJob[]> => {
        const query = `activeQueue=${segments}&status=${status}&page=1&jobsPerPage=10`;
        const { queues } = await (await fetch(`${url}/api/queues?${query}`)).json() as {
          readonly queues: readonly { readonly name: string; readonly jobs: BoardJob[] }[];
        };
        equal(queues.map(({ name }) => name), ["slomo-scans", segments, "slomo-videos"]);
        return queues.find(({ name }) => name === segments)!.jobs;
      };
      const failed = await jobs("failed"), segment = failed.find((job) => job.id === `${id}-1`)!;
      equal(segment.failedReason, "device lost");
      const [completed] = await jobs("completed");
      ok(JSON.stringify(completed?.progress).includes('"done":1,"total":33'), JSON.stringify(completed));
      const retry = async (job: string) => {
        const response = await fetch(`${url}/api/queues/${segments}/${job}/retry`, { method: "PUT" });
        await response.body?.cancel();
        equal(response.ok, true);
      };
      isBroken = false;
      await retry(`${id}-1`);
      await until(() => made === 3, "the segment is made");
      await retry(`${id}-join`);
      await until(async () => (await client.state(id)).phase === "done", "the video is done");
    } finally {
      board.kill("SIGKILL");
      await board.status;
    }
  });
});
