/**
 * `deno run -A bench/web.ts`: measures the page: its size, its first paint, a preview, and whether it stays smooth while a job
 * runs. Times are the least of several runs.
 */
import { startWeb } from "@slomo/web";
import { join } from "@std/path";
import { type Browser, chromium, type Page } from "playwright-core";
import { buildPage } from "../web/server/bundle.ts";
import type { Preview } from "../web/shared/types.ts";
import { ffmpeg, inRepo, withFolder } from "../tests/_tools.ts";

const RUNS = 5;

/** Opens a tab that has seen nothing of the page. */
async function openTab(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(url);
  return page;
}

/** Times of the page's first paint, in milliseconds after the request. */
async function firstPaint(browser: Browser, url: string): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const page = await openTab(browser, url);
    await page.getByRole("heading", { name: "Open a video" }).waitFor();
    times.push(
      await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]!.startTime),
    );
    await page.context().close();
  }
  return Math.min(...times);
}

/** Returns the seconds of a preview of one frame, from the request to the answer, of the first and of the fastest run. */
async function preview(browser: Browser, url: string, model: string): Promise<readonly [number, number]> {
  const page = await openTab(browser, url), times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const body = { file: "0/pair.mp4", settings: model ? { model } : {}, time: 0.5, count: 1, most: 640 * 360 };
    const [seconds, answer] = await page.evaluate(async (body) => {
      const begun = performance.now(), headers = { "content-type": "application/json" };
      const response = await fetch("/api/previews", { method: "POST", headers, body: JSON.stringify(body) });
      const answer = await response.json();
      return [(performance.now() - begun) / 1000, answer] as const;
    }, body);
    if ((answer as Preview).width !== 640) throw new Error(JSON.stringify(answer));
    times.push(seconds);
  }
  await page.context().close();
  return [times[0]!, Math.min(...times)];
}

/** Returns the longest task of the page in milliseconds, and its frames per second, during ten seconds of a job. */
async function smoothness(browser: Browser, url: string): Promise<readonly [number, number]> {
  const page = await openTab(browser, url);
  await page.goto(new URL("/#/clip/0%2Fpair.mp4", url).href);
  await page.getByText("libx264, yuv420p").waitFor();
  await page.getByRole("button", { name: "Preview this moment" }).click();
  await page.getByRole("button", { name: "Add to queue" }).click();
  const result = await page.evaluate<readonly [number, number]>(`(async () => {
    let longest = 0, frames = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    }).observe({ type: "longtask" });
    const begun = performance.now();
    while (performance.now() - begun < 10000) {
      await new Promise(requestAnimationFrame);
      frames++;
    }
    return [longest, frames / 10];
  })()`);
  await page.context().close();
  return result;
}

await withFolder(async (folder) => {
  await Deno.copyFile(inRepo("examples/clip.mp4"), join(folder, "clip.mp4"));
  const source = "testsrc2=s=640x360:r=24:d=2";
  await ffmpeg(
    ...["-f", "lavfi", "-i", source, "-c:v", "libx264", "-pix_fmt", "yuv420p", join(folder, "pair.mp4")],
  );
  await using server = await startWeb({ folders: [folder], port: 0 });
  const size = (await buildPage()).assets.slice(0, 2).reduce((sum, { gzip }) => sum + gzip.length, 0);
  const browser = await chromium.launch({
    executablePath: Deno.env.get("SLOMO_CHROMIUM") ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const report = (what: string, value: string) => console.log(`${what.padEnd(44)}${value}`);
  report("script and style sheet, compressed", `${(size / 1000).toFixed(1)} KB`);
  report("first paint", `${(await firstPaint(browser, server.url)).toFixed(0)} ms`);
  for (const model of ["", "small"]) {
    const [first, warm] = await preview(browser, server.url, model);
    report(`preview of a 640×360 pair, ${model || "default"}`, `${warm.toFixed(2)} s (first: ${first.toFixed(2)} s)`);
  }
  const [longest, rate] = await smoothness(browser, server.url);
  report("longest task while a job runs", longest === 0 ? "below 50 ms" : `${longest.toFixed(0)} ms`);
  report("frames per second while a job runs", rate.toFixed(0));
  await browser.close();
});
