/** `deno run -A bench/web_images.ts`: takes the screenshots of docs/web.md, with the shipped models and Debian's Chromium. */
import { startWeb } from "@slomo/web";
import { join } from "@std/path";
import { chromium, type Page } from "playwright-core";
import { ffmpeg, inRepo, withFolder } from "../tests/_tools.ts";

const browser = await chromium.launch({
  executablePath: Deno.env.get("SLOMO_CHROMIUM") ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--force-color-profile=srgb"],
});

/** Stores a screenshot with 256 colors, which suffice and keep the repository small. */
async function shoot(page: Page, name: string): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".png" });
  await page.screenshot({ path });
  const palette = "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=dither=none";
  await ffmpeg("-y", "-i", path, "-vf", palette, "-frames:v", "1", inRepo(`docs/web-${name}.png`));
  await Deno.remove(path);
}

// Functions that run in the page are strings, because this folder has no DOM types.
const PLAYABLE = `[...document.querySelectorAll("video")].every(({ readyState }) => readyState >= 2)`;
const SETTLED = `[...document.querySelectorAll("video")].every(({ seeking }) => !seeking)`;

/** Images that are hidden, or outside of the window, are not loaded. */
const LOADED = `[...document.images].every((image) =>
  image.complete || image.offsetParent === null || image.getBoundingClientRect().top >= innerHeight)`;

await withFolder(async (folder) => {
  await Deno.copyFile(inRepo("examples/clip.mp4"), join(folder, "clip.mp4"));
  await using server = await startWeb({ folders: [folder], port: 0 });
  /** Opens the clip in a tab of its own. */
  const open = async (width: number, height: number, colorScheme: "light" | "dark"): Promise<Page> => {
    // The content security policy of the page forbids evaluating strings.
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, bypassCSP: true });
    const page = await context.newPage();
    page.setDefaultTimeout(240_000);
    await page.goto(server.url);
    await page.locator("a.card").filter({ hasText: "clip.mp4" }).click();
    await page.getByText("0 cuts, 0 duplicates", { exact: true }).waitFor();
    await page.getByText(/^about [\d:.]+ ?s?$/).first().waitFor();
    await page.waitForFunction(LOADED);
    return page;
  };
  const close = (page: Page) => page.context().close();
  const slow = { name: "slow motion" };

  const clip = await open(1120, 720, "dark");
  await clip.getByRole("button", slow).click();
  await clip.getByText("36 → 144").waitFor();
  await shoot(clip, "clip");
  await close(clip);

  const preview = await open(1120, 720, "light");
  await preview.getByRole("slider", { name: "Moment" }).fill("0.5");
  await preview.getByRole("checkbox", { name: "small" }).check();
  await preview.getByRole("button", { name: "Preview this moment" }).click();
  await preview.getByRole("img", { name: /model small/ }).waitFor();
  await preview.getByRole("radio", { name: "Backward flow" }).check();
  await preview.getByRole("slider", { name: "Position between" }).fill("2");
  await preview.evaluate("document.activeElement.blur(); scrollTo(0, 0)");
  await shoot(preview, "preview");
  await close(preview);

  const curve = await open(1120, 720, "dark");
  await curve.locator(".curve > summary").click();
  const plot = curve.locator(".plot");
  await plot.scrollIntoViewIfNeeded();
  for (const [x, y] of [[0.3, 0.375], [0.48, 0.625], [0.6, 0.625], [0.8, 0.375]] as const) {
    const { width, height } = (await plot.boundingBox())!;
    await plot.click({ position: { x: x * width, y: y * height } });
  }
  await curve.locator(".key").nth(2).focus();
  await curve.locator(".timeline").scrollIntoViewIfNeeded();
  await curve.waitForFunction(`document.querySelector(".plan-facts dd").textContent.includes("→")`);
  await shoot(curve, "curve");
  await curve.getByRole("button", { name: "Clear" }).click();
  await close(curve);

  const work = await open(1120, 440, "light");
  const add = async (factor: string) => {
    await work.getByLabel("Factor").fill(factor);
    await work.waitForFunction(`document.querySelector(".result input").value.endsWith("-${factor}x.mp4")`);
    await work.getByRole("button", { name: "Add to queue" }).click();
    await work.getByRole("link", { name: "Added. Show the queue" }).waitFor();
  };
  for (const factor of ["2", "4", "3"]) await add(factor);
  await work.getByRole("link", { name: "Added. Show the queue" }).click();
  await work.getByText("Done", { exact: true }).waitFor();
  await work.getByText(/ left$/).waitFor();
  await shoot(work, "queue");
  await work.setViewportSize({ width: 1120, height: 700 });
  await work.getByRole("link", { name: "Compare" }).first().click();
  await work.waitForFunction(PLAYABLE);
  await work.getByRole("slider", { name: "Time" }).fill("0.75");
  await work.waitForFunction(SETTLED);
  await shoot(work, "compare");
  await close(work);

  const phone = await open(390, 780, "dark");
  await phone.evaluate("scrollTo(0, 0)");
  await shoot(phone, "phone");
  await close(phone);
});
await browser.close();
