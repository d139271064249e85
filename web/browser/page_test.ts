import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { join } from "@std/path";
import type { RemoteQueue } from "@slomo/web";
import { ffmpeg, list, probe } from "../../tests/_tools.ts";
import { addJob, closeBrowser, openClip, row, visit } from "./_testing.ts";

Deno.test.afterAll(closeBrowser);

Deno.test("open, plan, preview, run, compare and download a clip", async () => {
  await visit(async (at) => {
    const { page, folder } = at;
    await openClip(at);
    await page.getByText("320 × 180, 24 fps, 1.5 s").waitFor();
    await page.getByRole("button", { name: "slow motion" }).click();
    const plan = page.getByRole("region", { name: "Plan" });
    await plan.getByText("36 → 144").waitFor();
    await plan.getByText(/^about \d/).first().waitFor();
    await page.getByText("Command", { exact: true }).click();
    match(
      await plan.locator("code").innerText(),
      /^deno task interpolate \S+clip.mp4 \S+clip-4x-slow.mp4 --factor 4 --slow-motion$/,
    );

    await page.getByRole("slider", { name: "Moment" }).fill("0.5");
    await page.getByRole("button", { name: "Preview this moment" }).click();
    await page.getByRole("img", { name: /^Interpolated, model default/ }).waitFor();
    await page.getByRole("button", { name: "Stop the loop" }).click();
    await page.getByRole("slider", { name: "Position between" }).fill("2");
    await page.getByText("interpolated, t = 0.50").waitFor();
    const pixel = () =>
      page.evaluate(() => [...document.querySelector("canvas")!.getContext("2d")!.getImageData(160, 90, 1, 1).data]);
    await page.waitForFunction(() =>
      document.querySelector("canvas")!.getContext("2d")!.getImageData(9, 9, 1, 1).data[3] === 255
    );
    equal((await pixel())[3], 255);
    await page.getByRole("radio", { name: "Blend" }).check();
    await page.getByRole("radio", { name: "Forward flow" }).check();
    await page.getByText("This model has no optical flow to show.").waitFor();

    await page.getByRole("button", { name: "Add to queue" }).click();
    await page.getByRole("link", { name: "Added. Show the queue" }).click();
    await row(page, "clip-4x-slow.mp4").getByText("Done", { exact: true }).waitFor();
    equal((await probe(join(folder, "clip-4x-slow.mp4"))).video.nb_read_frames, "144");

    await page.getByRole("link", { name: "Compare" }).click();
    await page.waitForFunction(() =>
      [...document.querySelectorAll("video")].every(({ readyState }) => readyState >= 2)
    );
    const times = () =>
      page.evaluate(() => [...document.querySelectorAll("video")].map(({ currentTime }) => currentTime));
    await page.getByRole("group", { name: /^Source on the left/ }).focus();
    for (let i = 0; i < 8; i++) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowLeft");
    const [result, source] = await times();
    equal(Math.floor(result! * 24), 7);
    ok(Math.abs(source! * 4 - result!) < 0.01, "both sides show the same time");
    await page.keyboard.press("+");
    await page.getByLabel(/^Zoom/).and(page.locator("select")).waitFor();
    equal(await page.getByLabel(/^Zoom/).inputValue(), "2");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download" }).click(),
    ]);
    equal(download.suggestedFilename(), "clip-4x-slow.mp4");
    await page.getByRole("link", { name: "Folder" }).click();
    await page.getByRole("link", { name: "Download clip-4x-slow.mp4" }).waitFor();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy the path of the folder" }).click();
    await page.getByText("Copied", { exact: true }).waitFor({ state: "attached" });
    equal(await page.evaluate(() => navigator.clipboard.readText()), await Deno.realPath(folder));
  });
});

Deno.test("the wipe follows the pointer, and a zoomed image stays in place", async () => {
  await visit(async (at) => {
    const { page, go } = at;
    await openClip(at);
    await addJob(at, "2");
    await go("queue");
    await page.getByRole("link", { name: "Compare" }).click();
    const stage = page.getByRole("group", { name: /^Source on the left/ }), box = (await stage.boundingBox())!;
    const to = (x: number, y: number) => page.mouse.move(box.x + x * box.width, box.y + y * box.height);
    await to(0.5, 0.5);
    await page.mouse.down();
    await to(0.25, 0.5);
    await page.mouse.up();
    equal(Math.round(Number(await page.getByLabel("Wipe").inputValue())), 25);
    await page.getByLabel(/^Zoom/).selectOption("4");
    await to(0.7, 0.5);
    await page.mouse.down();
    await to(0.5, 0.4);
    await page.mouse.up();
    const places = () =>
      page.locator(".layer").evaluateAll((layers) => layers.map((layer) => (layer as HTMLElement).style.transform));
    const [a, b] = await places();
    equal(a, b);
    ok(a!.includes("scale(4)") && !a!.startsWith("translate(0px"), a);
    await page.getByRole("button", { name: "Next frame" }).click();
    equal(await places(), [a, b]);
    equal(Math.round(Number(await page.getByLabel("Wipe").inputValue())), 25);
  });
});

Deno.test("a format that the browser cannot play is compared frame by frame", async () => {
  await visit(async (at) => {
    const { page, go } = at;
    await openClip(at);
    await page.getByLabel(/^Format/).selectOption("mov");
    await page.getByText("Output", { exact: true }).click();
    await page.getByLabel("Encoder").fill("prores_ks");
    await page.getByText(/prores_ks, yuv/).waitFor();
    await page.getByRole("button", { name: "Add to queue" }).click();
    await go("queue");
    await page.getByRole("link", { name: "Compare" }).click();
    const still = page.getByRole("img", { name: "Result" });
    await still.waitFor();
    await page.waitForFunction(() => document.querySelector<HTMLImageElement>("img.under")!.naturalWidth === 320);
    const before = await still.getAttribute("src");
    await page.getByRole("button", { name: "Next frame" }).click();
    await page.waitForFunction((before) => document.querySelector("img.under")!.getAttribute("src") !== before, before);
  });
});

Deno.test("a result gets the extension of its format, the end has a frame, and an unknown cost is not measured forever", async () => {
  const prepare = (folder: string) => {
    const source = ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=10:d=0.1", "-c:v", "libx264", "-pix_fmt", "yuv420p"];
    return ffmpeg(...source, join(folder, "one.mp4")).then(() => {});
  };
  await visit(async (at) => {
    const { page, go } = at;
    await openClip(at);
    await page.getByRole("slider", { name: "Moment" }).press("End");
    await page.getByRole("img", { name: "Frame at 0:01.46" }).waitFor();
    equal(await page.getByText("There is no frame here").count(), 0);
    const plan = page.getByRole("region", { name: "Plan" });
    await plan.getByText(/^about \d/).first().waitFor();
    await plan.getByText("Command", { exact: true }).click();
    for (const [typed, written] of [["final", "final.mp4"], ["  ", "clip-2x.mp4"], ["sub/", "clip-2x.mp4"]] as const) {
      await plan.getByLabel("Result").fill(typed);
      await plan.locator("code").filter({ hasText: new RegExp(`/${written}$`) }).waitFor();
    }
    await go("open");
    await openClip(at, "one.mp4");
    await plan.getByText("unknown", { exact: true }).first().waitFor();
    await plan.getByText(/Time and memory are unknown\. .*only one frame/).waitFor();
    ok(at.errors.splice(0).every((error) => error.includes("500")));
  }, { prepare });
});

Deno.test("errors are shown at their field, and the job cannot be added until they are corrected", async () => {
  await visit(async (at) => {
    const { page } = at;
    await openClip(at);
    const factor = page.getByLabel("Factor"), add = page.getByRole("button", { name: "Add to queue" });
    await factor.fill("0");
    await page.getByText(/“Factor” must be a number/).waitFor();
    equal([await factor.getAttribute("aria-invalid"), await add.isDisabled()], ["true", true]);
    await factor.fill("3");
    await page.getByText("36 → 108").waitFor();
    await page.getByLabel("Start", { exact: true }).fill("1:00");
    await page.getByText(/is after the end of/).first().waitFor();
    equal(await page.getByLabel("Start", { exact: true }).getAttribute("aria-invalid"), "true");
    await page.getByRole("button", { name: "Reset" }).click();
    await page.getByText("36 → 72").waitFor();
    equal(await add.isDisabled(), false);
    // The browser reports each refused plan as an error of the network.
    ok(at.errors.splice(0).every((error) => error.includes("400")));
  });
});

Deno.test("cuts and duplicates are marked on the timeline while the clip is read", async () => {
  await visit(async (at) => {
    const { page } = at;
    await openClip(at, "shots.mp4");
    await page.getByText("1 cut, 0 duplicates", { exact: true }).waitFor();
    await page.waitForFunction(() =>
      [...document.querySelectorAll<HTMLImageElement>(".thumbnails img")].every(({ naturalWidth }) => naturalWidth > 0)
    );
    await page.getByRole("button", { name: "Next cut" }).click();
    equal(Number(await page.getByRole("slider", { name: "Moment" }).inputValue()).toFixed(1), "1.0");
    await page.getByRole("button", { name: "Previous cut" }).click();
    equal(await page.getByRole("slider", { name: "Moment" }).inputValue(), "0");
  }, {
    async prepare(folder) {
      const shot = (source: string) => ["-f", "lavfi", "-i", `${source}=s=160x90:r=10:d=1`];
      await ffmpeg(
        ...[...shot("testsrc2"), ...shot("smptebars"), "-filter_complex", "[0][1]concat"],
        ...["-c:v", "libx264", "-pix_fmt", "yuv420p", join(folder, "shots.mp4")],
      );
    },
  });
});

Deno.test("a dropped file is uploaded and opened", async () => {
  await visit(async ({ page, folder }) => {
    const bytes = [...await Deno.readFile(join(folder, "clip.mp4"))];
    const data = await page.evaluateHandle((bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], "../my holiday.mp4"));
      return data;
    }, bytes);
    await page.getByRole("region", { name: "Upload" }).dispatchEvent("drop", { dataTransfer: data });
    await page.getByRole("heading", { name: "my holiday.mp4", level: 1 }).waitFor();
    ok((await list(folder)).includes("my holiday.mp4"));
  });
});

Deno.test("jobs are paused, resumed, canceled, moved by keyboard and by drag", async () => {
  await visit(async (at) => {
    const { page, go } = at;
    await openClip(at);
    for (const factor of ["40", "3", "4"]) await addJob(at, factor);
    await go("queue");
    const [long, b, c] = ["clip-40x.mp4", "clip-3x.mp4", "clip-4x.mp4"].map((name) => row(page, name)) as [
      ReturnType<typeof row>,
      ReturnType<typeof row>,
      ReturnType<typeof row>,
    ];
    await long.getByText("Running").waitFor();
    await b.getByRole("button", { name: /^Pause/ }).click();
    await c.getByRole("button", { name: /^Pause/ }).click();
    await long.getByRole("button", { name: /^Pause/ }).click();
    await long.getByText("Paused").waitFor();
    const names = () => page.locator(".about strong").allInnerTexts();
    await c.getByRole("button", { name: "Move clip-4x.mp4 up" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelectorAll(".about strong")[1]!.textContent === "clip-4x.mp4");
    await b.locator(".grip").dragTo(long);
    await page.waitForFunction(() => document.querySelectorAll(".about strong")[0]!.textContent === "clip-3x.mp4");
    equal(await names(), ["clip-3x.mp4", "clip-40x.mp4", "clip-4x.mp4"]);
    await long.getByRole("button", { name: /^Cancel/ }).click();
    await long.getByText("Canceled").waitFor();
    await b.getByRole("button", { name: /^Resume/ }).click();
    await b.getByText("Done", { exact: true }).waitFor();
    await long.getByRole("button", { name: /^Remove/ }).click();
    await long.waitFor({ state: "detached" });
    // The order and the states are those of the server, not of the tab.
    await page.reload();
    await c.getByText("Paused").waitFor();
    equal(await names(), ["clip-3x.mp4", "clip-4x.mp4"]);
  });
});

Deno.test("jobs of a queue server show their workers, and can be canceled but not paused", async () => {
  const state = { phase: "making" as "making" | "done", frames: 100, done: 40, workers: 3, error: undefined };
  const remote: RemoteQueue = {
    name: "queue.example.com:6379",
    async submit(input, output) {
      await Deno.copyFile(input, output);
      return "v1";
    },
    retry: (id) => Promise.resolve(id),
    cancel: () => Promise.resolve(),
    state: () => Promise.resolve({ ...state }),
  };
  await visit(async (at) => {
    const { page, go } = at;
    await openClip(at);
    await addJob(at, "3");
    await go("queue");
    const job = row(page, "clip-3x.mp4");
    await job.getByText(/^40 of 100 frames.*, 3 workers$/).waitFor();
    const names = await job.getByRole("button").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
    equal(names, ["Cancel: clip-3x.mp4"]);
    await page.getByText("Workers of queue.example.com:6379 make the videos.").waitFor();
    state.phase = "done";
    await job.getByText("Done", { exact: true }).waitFor();
  }, { web: { remote } });
});

Deno.test("everything works from the keyboard alone", async () => {
  await visit(async ({ page }) => {
    const focused = () =>
      page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        return element.getAttribute("aria-label") ?? element.closest("label")?.innerText ?? element.innerText ?? "";
      });
    /** Presses Tab until an element has the focus. */
    const tabTo = async (name: RegExp) => {
      for (let i = 0; i < 80; i++) {
        await page.keyboard.press("Tab");
        if (name.test(await focused())) return;
      }
      throw new Error(`Tab does not reach ${name}`);
    };
    await page.getByRole("link", { name: /^clip.mp4/ }).waitFor();
    await tabTo(/clip.mp4/);
    await page.keyboard.press("Enter");
    await page.getByText("libx264, yuv420p").waitFor();
    equal(await focused(), "clip.mp4");
    await tabTo(/Preview this moment/);
    await page.keyboard.press("Enter");
    await page.getByRole("img", { name: /^Interpolated/ }).waitFor();
    await tabTo(/^Moment/);
    await page.keyboard.press("ArrowRight");
    await page.getByText("0:00.04").waitFor();
    await tabTo(/film/i);
    await page.keyboard.press("Space");
    await tabTo(/Add to queue/);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Added. Show the queue" }).waitFor();
    await tabTo(/Show the queue/);
    await page.keyboard.press("Enter");
    await page.getByText("Done", { exact: true }).waitFor();
    await tabTo(/Compare/);
    await page.keyboard.press("Enter");
    await tabTo(/^Source on the left/);
    await page.keyboard.press("ArrowRight");
    await page.getByText("0:00.02").waitFor();
  });
});

Deno.test("the page tells when a job is done, to the system and to screen readers", async () => {
  await visit(async (at) => {
    const { page, go } = at;
    await page.evaluate(() => {
      const told: string[] = [];
      Object.assign(globalThis, { told });
      globalThis.Notification = class {
        static permission = "granted";
        constructor(_: string, { body }: NotificationOptions) {
          told.push(body!);
        }
      } as unknown as typeof Notification;
    });
    await openClip(at);
    await addJob(at, "3");
    await go("queue");
    await row(page, "clip-3x.mp4").getByText("Done", { exact: true }).waitFor();
    await page.waitForFunction(() => (globalThis as unknown as { told: string[] }).told.length === 1);
    equal(await page.evaluate(() => (globalThis as unknown as { told: string[] }).told), ["clip-3x.mp4 is done"]);
    equal(await page.locator("[aria-live=polite]").innerText(), "clip-3x.mp4 is done");
  });
});
