/** How the page looks and whether everyone can use it: widths, color schemes, axe, motion, layout shifts, empty and failed states. */
import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { join } from "@std/path";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { addJob, closeBrowser, openClip, row, type Visit, visit } from "./_testing.ts";

Deno.test.afterAll(closeBrowser);

/** Folder for screenshots; none are kept without it. */
const SHOTS = Deno.env.get("SLOMO_WEB_SHOTS");

/** Finds violations of accessibility rules: one line each. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))).then(() => {})
  );
  // Playwright evaluates it outside of the policy of the page.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)
  );
}

/** Checks a view, and keeps a screenshot. */
async function check({ page }: Visit, name: string): Promise<void> {
  const { wide, scheme } = await page.evaluate(() => ({
    wide: Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
    scheme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
  }));
  const { width } = page.viewportSize()!, title = `${name}-${width}-${scheme}`;
  if (SHOTS) await page.screenshot({ path: join(SHOTS, `${title}.png`) });
  equal([title, wide, await violations(page)], [title, 0, []]);
}

/** Shows every view in its usual states. */
async function tour(at: Visit): Promise<void> {
  const { page, go, errors } = at;
  await page.getByRole("link", { name: /^clip.mp4/ }).waitFor();
  await check(at, "open");
  await go("queue");
  await page.getByText("The queue is empty").waitFor();
  await check(at, "queue-empty");
  await go("open");
  await openClip(at);
  await page.getByText("0 cuts, 0 duplicates", { exact: true }).waitFor();
  await check(at, "clip");
  for (const summary of await page.locator("summary").all()) {
    if (!await summary.evaluate((one) => one.closest("details")!.open)) await summary.click();
  }
  await check(at, "clip-all");
  await page.getByRole("checkbox", { name: "other" }).check();
  await page.getByRole("button", { name: "Preview this moment" }).click();
  await page.getByRole("img", { name: /^Interpolated, model other/ }).waitFor();
  await check(at, "preview");
  await page.getByLabel("Factor").fill("0");
  await page.getByText(/“Factor” must be/).waitFor();
  await check(at, "clip-wrong");
  await addJob(at, "3");
  // It runs until it is canceled.
  await addJob(at, "40");
  await go("queue");
  await row(page, "clip-3x.mp4").getByText("Done", { exact: true }).waitFor();
  await row(page, "clip-40x.mp4").getByText(/ of /).waitFor();
  await check(at, "queue");
  await row(page, "clip-40x.mp4").getByRole("button", { name: /^Cancel/ }).click();
  await page.getByRole("link", { name: "Compare" }).click();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("video")].filter(({ readyState }) => readyState >= 2).length === 2
  );
  await check(at, "compare");
  await go("compare/none");
  await page.getByText("There is no such job").waitFor();
  await check(at, "compare-empty");
  await go("clip/0%2Fnone.mp4");
  await page.getByText("This file cannot be opened").waitFor();
  await check(at, "clip-error");
  await go("open/9");
  await page.getByText("This folder cannot be shown").waitFor();
  await check(at, "open-error");
  // Each of the last two asks for something that is not there.
  ok(errors.every((error) => error.includes("400")), errors.join());
  errors.length = 0;
}

/** A manifest with a second model. */
const slomo = {
  manifest: new URL("../../tests/fixtures/blend_models.json", import.meta.url),
  backend: "cpu",
  workers: 0,
};

const LOOKS = [[360, 780, "light"], [1280, 800, "light"], [1280, 800, "dark"], [3840, 2160, "dark"]] as const;
for (const [width, height, colorScheme] of LOOKS) {
  Deno.test(`all views fit into ${width} pixels and have no accessibility violations, ${colorScheme}`, async () => {
    await visit(tour, { viewport: { width, height }, colorScheme, web: { slomo } });
  });
}

Deno.test("nothing moves by itself if the user prefers reduced motion", async () => {
  await visit(async (at) => {
    const { page } = at;
    await openClip(at);
    await page.getByRole("button", { name: "Preview this moment" }).click();
    await page.getByRole("button", { name: "Play the loop" }).waitFor();
    await page.getByRole("img", { name: /^Interpolated/ }).waitFor();
    await page.getByText("first source frame").waitFor();
    equal(await page.evaluate(() => document.getAnimations().length), 0);
  }, { reducedMotion: "reduce" });
});

Deno.test("nothing shifts while views are loaded", async () => {
  await visit(async (at) => {
    const { page, go } = at;
    await page.evaluate(() => {
      const shifts: string[] = [];
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        for (
          const entry of list
            .getEntries() as (PerformanceEntry & {
              value: number;
              hadRecentInput: boolean;
              sources: { node?: Element }[];
            })[]
        ) {
          if (!entry.hadRecentInput && entry.value > 0.01) {
            shifts.push(
              `${entry.value.toFixed(3)} ${entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80)).join(" ")}`,
            );
          }
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.getByRole("link", { name: /^clip.mp4/ }).waitFor();
    await openClip(at);
    await page.getByText(/^about \d/).first().waitFor();
    await page.getByText("0 cuts, 0 duplicates", { exact: true }).waitFor();
    await go("queue");
    await page.getByText("The queue is empty").waitFor();
    equal(await page.evaluate(() => (globalThis as unknown as { shifts: string[] }).shifts), []);
  });
});
