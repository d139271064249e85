/** Helpers of the tests in a browser: Debian's Chromium, driven by Playwright, on a page of small files. */
import { join } from "@std/path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { startWeb, type WebOptions, type WebServer } from "@slomo/web";
import { BLENDED } from "../_testing.ts";
import { inRepo, withFolder } from "../../tests/_tools.ts";

/** Chromium of the system. */
const CHROMIUM = Deno.env.get("SLOMO_CHROMIUM") ?? "/usr/bin/chromium";

let launched: Promise<Browser> | undefined;

/** Returns the browser, which all tests of a file share. */
export function browser(): Promise<Browser> {
  return launched ??= chromium.launch({
    executablePath: CHROMIUM,
    // Chromium's sandbox does not work for root, as whom CI runs.
    args: ["--no-sandbox", "--force-color-profile=srgb"],
  });
}

/** Closes the browser after the tests of a file. */
export async function closeBrowser(): Promise<void> {
  await (await launched)?.close();
  launched = undefined;
}

/** A page of a test. */
export interface Visit {
  /** The tab. */
  readonly page: Page;
  /** Address of the server, without the token. */
  readonly url: string;
  /** Folder of its files. */
  readonly folder: string;
  /** The running server. */
  readonly server: WebServer;
  /** Shows a view: `clip/0%2Fclip.mp4`. */
  readonly go: (hash: string) => Promise<void>;
  /** Errors that the browser reported: of scripts, of the content security policy. */
  readonly errors: string[];
}

/** How a visit differs from one on a laptop. */
export interface VisitOptions extends BrowserContextOptions {
  /** Options of the server. */
  readonly web?: Partial<WebOptions>;
  /** Prepares the folder, which has `clip.mp4`. */
  readonly prepare?: (folder: string) => Promise<void>;
}

/** Opens a tab on a server, and collects the errors of the browser. */
export async function openTab(
  url: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; errors: string[] }> {
  const context = await (await browser()).newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage(), errors: string[] = [];
  page.setDefaultTimeout(60_000);
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(url);
  return { page, errors };
}

/** Runs a test in a new tab on a new server. Fails if the browser reports an error that the test does not expect. */
export async function visit(
  test: (visit: Visit) => Promise<void>,
  { web, prepare, ...context }: VisitOptions = {},
): Promise<void> {
  await withFolder(async (folder) => {
    await Deno.copyFile(inRepo("examples/clip.mp4"), join(folder, "clip.mp4"));
    await prepare?.(folder);
    await using server = await startWeb({ folders: [folder], port: 0, slomo: BLENDED, ...web });
    const { page, errors } = await openTab(server.url, context);
    try {
      const url = new URL("/", server.url).href;
      const go = async (hash: string) => {
        await page.evaluate((hash) => location.hash = hash, `/${hash}`);
      };
      await test({ page, url, folder, server, go, errors });
      if (errors.length > 0) throw new Error(`the browser reports: ${errors.join("; ")}`);
    } finally {
      await page.context().close();
    }
  });
}

/** Opens the clip of a visit, and waits for its plan. */
export async function openClip({ page }: Visit, name = "clip.mp4"): Promise<void> {
  await page.locator("a.card").filter({ hasText: name }).click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
  await page.getByText("libx264, yuv420p").waitFor();
}

/** Adds the open clip to the queue with a factor. */
export async function addJob({ page }: Visit, factor: string): Promise<void> {
  await page.getByLabel("Factor").fill(factor);
  await page.waitForFunction(
    (name) => document.querySelector<HTMLInputElement>(".result input")!.value.endsWith(name),
    `-${factor}x.mp4`,
  );
  await page.getByRole("button", { name: "Add to queue" }).click();
  await page.getByRole("link", { name: "Added. Show the queue" }).waitFor();
}

/** Returns the row of a job in the queue. */
export function row(page: Page, name: string) {
  return page.getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) });
}
