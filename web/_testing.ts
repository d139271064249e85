/** Helpers of this package's tests: a page on small files, without a network and without a network model. */
import { join } from "@std/path";
import { BLEND, ffmpeg, inRepo, withFolder } from "../tests/_tools.ts";
import type { Job } from "./shared/types.ts";
import { openWeb, type WebOptions, type WebParts } from "./server/start.ts";

/** Host of the requests of tests. */
export const HOST = "127.0.0.1:7272";

/** A page of a test. */
export interface TestPage extends WebParts {
  /** Folder of its files. */
  readonly folder: string;
  /** Sends a request as the page does: with the cookie, from its own origin. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Sends JSON, and returns the JSON of the response. */
  post<T>(path: string, body?: unknown): Promise<T>;
}

/** Options of the models of tests: blended frames, in this thread. */
export const BLENDED: NonNullable<WebOptions["slomo"]> = { manifest: BLEND, backend: "cpu", workers: 0 };

/** Opens a page on a folder, and logs in. */
export async function openPage(folder: string, options: Partial<WebOptions> = {}): Promise<TestPage> {
  const parts = await openWeb({ folders: [folder], slomo: BLENDED, ...options });
  const entered = await parts.app.request(`http://${HOST}/?token=${parts.access.token}`);
  const cookie = entered.headers.get("set-cookie")?.split(";")[0] ?? "";
  const ask = async (path: string, init: RequestInit = {}) =>
    await parts.app.request(`http://${HOST}${path}`, {
      ...init,
      headers: { host: HOST, cookie, origin: `http://${HOST}`, ...init.headers as Record<string, string> },
    });
  return {
    ...parts,
    folder,
    ask,
    async post<T>(path: string, body: unknown = {}) {
      const headers = { "content-type": "application/json" };
      return await (await ask(path, { method: "POST", headers, body: JSON.stringify(body) })).json() as T;
    },
  };
}

async function withVideo(
  make: (path: string) => Promise<unknown>,
  test: (page: TestPage) => Promise<void>,
  options: Partial<WebOptions> = {},
): Promise<void> {
  await withFolder(async (folder) => {
    await make(join(folder, "clip.mp4"));
    await using page = await openPage(folder, options);
    await test(page);
  });
}

/** Runs a test with a page on a folder that has the example as `clip.mp4`. */
export function withPage(test: (page: TestPage) => Promise<void>, options?: Partial<WebOptions>): Promise<void> {
  return withVideo((path) => Deno.copyFile(inRepo("examples/clip.mp4"), path), test, options);
}

/** Runs a test with a page on a folder whose `clip.mp4` has frames of 64×36 pixels, for tests that run many jobs. */
export function withSmallPage(test: (page: TestPage) => Promise<void>): Promise<void> {
  const source = ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=24:d=1.5", "-c:v", "libx264", "-pix_fmt", "yuv420p"];
  return withVideo((path) => ffmpeg(...source, path), test);
}

/** Waits until the jobs satisfy a condition, and returns them; the page's own stream of events reports them. */
export async function jobsWhen(page: TestPage, isReached: (jobs: readonly Job[]) => boolean): Promise<readonly Job[]> {
  const response = await page.ask("/api/events");
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = text.split("\n\n");
    text = events.pop()!;
    for (const event of events) {
      const jobs = JSON.parse(event.replace(/^data: /, "")) as Job[];
      if (isReached(jobs)) return jobs;
    }
  }
  throw new Error("the stream of events ended");
}
