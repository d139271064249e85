/** The page and its server: restarts, kills, large and broken uploads, visitors without a token. */
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { join } from "@std/path";
import { BLEND, inRepo, list, makeBase, probe, withFolder } from "../../tests/_tools.ts";
import { closeBrowser, openTab, row, visit } from "./_testing.ts";

Deno.test.afterAll(closeBrowser);

/** A server in a process of its own. */
interface ServerProcess {
  readonly child: Deno.ChildProcess;
  /** Identities of the processes to kill: looking for them later takes time, in which a job may end. */
  readonly pids: readonly number[];
  /** Its address. */
  readonly url: string;
}

/** Starts `deno task web` in a process. */
async function startProcess(folder: string): Promise<ServerProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", inRepo("scripts/main.ts"), "web", "--folder", folder, "--port", "0"],
      ...["--manifest", BLEND, "--backend", "cpu", "--workers", "0"],
    ],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let text = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the server ended: ${text}`);
    text += value;
  }
  reader.cancel();
  const { stdout } = await new Deno.Command("pgrep", { args: ["-P", `${child.pid}`] }).output();
  const pids = new TextDecoder().decode(stdout).trim().split("\n").map(Number);
  return { child, pids, url: text.trim() };
}

/** Kills a server: the process itself; the one that started it ends with it. */
async function killServer({ child, pids }: ServerProcess): Promise<void> {
  for (const pid of pids) Deno.kill(pid, "SIGKILL");
  await child.status;
}

/** Waits until the unfinished work of a job has a record of finished segments. */
async function segmentStored(work: string): Promise<void> {
  for await (const { paths } of Deno.watchFs(work)) if (paths.some((path) => path.endsWith("/state.json"))) return;
}

Deno.test("a job continues from its segments after the server was killed, and the page follows", async () => {
  await withFolder(async (folder) => {
    await makeBase(join(folder, "base.mp4"));
    const first = await startProcess(folder), { page } = await openTab(first.url);
    await page.getByRole("link", { name: /^base.mp4/ }).click();
    // So many frames that the job cannot end between the first segment and the kill. A segment of so small frames has 500.
    await page.getByLabel("Factor").fill("50");
    await page.getByText("96 → 4,800").waitFor();
    const stored = segmentStored(join(folder, ".slomo-web/jobs"));
    await page.getByRole("button", { name: "Add to queue" }).click();
    await page.getByRole("link", { name: "Added. Show the queue" }).click();
    await stored;
    await killServer(first);
    await page.getByText("The server does not answer.").waitFor();
    ok(!(await list(folder)).includes("base-50x.mp4"));

    const second = await startProcess(folder);
    try {
      await page.goto(second.url);
      await page.getByRole("link", { name: "Queue" }).click();
      const job = row(page, "base-50x.mp4");
      await job.getByText("Done", { exact: true }).waitFor();
      await job.getByText(/^\d+ notes?$/).click();
      const note = await job.getByText(/^continuing after the \d+ frames that an interrupted run has finished$/)
        .innerText();
      const kept = Number(/\d+/.exec(note));
      ok(kept > 0 && kept < 4800 && kept % 500 === 0, note);
      equal((await probe(join(folder, "base-50x.mp4"))).video.nb_read_frames, "4800");
      equal(await list(join(folder, ".slomo-web/jobs")), []);
    } finally {
      await page.context().close();
      await killServer(second);
    }
  });
});

Deno.test("a tab of an earlier server learns that its visit has ended", async () => {
  await visit(async ({ page, url, folder, server, errors }) => {
    await page.getByRole("link", { name: /^clip.mp4/ }).waitFor();
    await server[Symbol.asyncDispose]();
    await page.getByText("The server does not answer.").waitFor();
    const { startWeb } = await import("@slomo/web");
    await using _again = await startWeb({ folders: [folder], port: Number(new URL(url).port) });
    await page.getByText("This visit has ended").waitFor();
    errors.length = 0;
  });
});

Deno.test("a visitor without the token sees how to get in, and nothing else", async () => {
  await visit(async ({ url }) => {
    const { page } = await openTab(url);
    await page.getByText("Open the address that").waitFor();
    equal(await page.getByRole("link").count(), 0);
    await page.context().close();
  });
});

/** Creates a file of 2 GB that takes no space. */
async function makeSparse(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  await file.truncate(2e9);
}

Deno.test("a file of 2 GB is uploaded without filling the memory", async () => {
  await withFolder(async (_, at) => {
    await makeSparse(at("large.mp4"));
    await visit(async ({ page, folder, errors }) => {
      let most = 0;
      const timer = setInterval(() => most = Math.max(most, Deno.memoryUsage().rss), 50),
        before = Deno.memoryUsage().rss;
      await page.getByLabel("Choose a file").setInputFiles(at("large.mp4"));
      await page.getByText("This file cannot be opened").waitFor({ timeout: 240_000 });
      clearInterval(timer);
      equal((await Deno.stat(join(folder, "large.mp4"))).size, 2e9);
      ok(most - before < 400e6, `${((most - before) / 1e6).toFixed(0)} MB more`);
      match(errors.join(), /400/);
      errors.length = 0;
    });
  });
});

Deno.test("a tab that is closed in mid-upload, and a canceled upload, leave nothing", async () => {
  await withFolder(async (_, at) => {
    await makeSparse(at("large.mp4"));
    await visit(async ({ page, folder, server }) => {
      const partial = join(folder, ".slomo-web/uploads");
      /** Waits until the folder of uploads in progress has a number of files. */
      const until = async (count: number) => {
        const changes = Deno.watchFs(partial);
        if ((await list(partial)).length === count) return changes.close();
        for await (const _ of changes) if ((await list(partial)).length === count) return;
      };
      await page.getByLabel("Choose a file").setInputFiles(at("large.mp4"));
      await until(1);
      await page.getByRole("button", { name: "Cancel the upload" }).click();
      await page.getByText("large.mp4: the upload was canceled").waitFor();
      await until(0);
      const { page: other } = await openTab(server.url);
      await other.getByLabel("Choose a file").setInputFiles(at("large.mp4"));
      await until(1);
      await other.close();
      await until(0);
      await other.context().close();
      equal(await list(folder), [".slomo-web", "clip.mp4"]);
    });
  });
});
