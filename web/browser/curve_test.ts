/** The speed curve: by mouse, keyboard and touch, as a file, in the plan, in the command and in the result. */
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { join } from "@std/path";
import { Buffer } from "node:buffer";
import { retimeCurve } from "@slomo/core/retime";
import { rational, toNumber } from "@slomo/core/time";
import { probe } from "../../tests/_tools.ts";
import { curveOf } from "../shared/curve.ts";
import { clock } from "../page/text.ts";
import { closeBrowser, openClip, row, type Visit, visit } from "./_testing.ts";

Deno.test.afterAll(closeBrowser);

/** Length of the clip in seconds. */
const END = rational(3, 2);

/** Returns the settings of the page. */
const settingsOf = ({ page }: Visit) => page.evaluate(() => JSON.parse(localStorage.getItem("slomo-settings")!));

/** Returns the exact length of the output in seconds. */
async function exactLength(at: Visit): Promise<number> {
  const curve = retimeCurve(JSON.parse((await settingsOf(at)).retime));
  return toNumber(curve.length ?? curve.reach(END));
}

/** Opens the editor of the clip, which has no keyframes yet. */
async function openEditor(at: Visit) {
  const { page } = at;
  await openClip(at);
  await page.locator(".curve > summary").click();
  const chart = page.getByRole("group", { name: "Speed over the source" }), plot = chart.locator(".plot");
  await plot.scrollIntoViewIfNeeded();
  const keys = chart.getByRole("slider"), plan = page.getByRole("region", { name: "Plan" });
  /** Returns a point of the plot in the window, from shares of its width and height. */
  const place = async (x: number, y: number) => {
    const box = (await plot.boundingBox())!;
    return [box.x + x * box.width, box.y + y * box.height] as const;
  };
  return { chart, keys, plan, place };
}

Deno.test("keyframes are added and dragged with the mouse, and the plan, the command and the job follow", async () => {
  await visit(async (at) => {
    const { page, folder } = at, { keys, plan, place } = await openEditor(at);
    await page.mouse.click(...await place(0.5, 0.5));
    equal(await keys.count(), 3);
    equal(await keys.nth(1).getAttribute("aria-valuetext"), "0:00.75, speed 0.5×");
    await page.mouse.move(...await place(0.5, 0.5));
    await page.mouse.down();
    await page.mouse.move(...await place(0.55, 0.55), { steps: 3 });
    // Near a power of two, the speed snaps to it; times snap to frames.
    await page.mouse.move(...await place(2 / 3, 0.628), { steps: 3 });
    await page.mouse.up();
    equal(await keys.nth(1).getAttribute("aria-valuetext"), "0:01.00, speed 0.25×");
    equal(await keys.count(), 3);
    const length = await exactLength(at), text = clock(length);
    await plan.getByText(`1.5 s → ${text}`).waitFor();
    equal(await page.locator(".curve > summary .number").innerText(), `1.5 s → ${text}`);
    await page.getByText("Command", { exact: true }).click();
    match(await plan.locator("code").innerText(), /clip-retimed.mp4 --retime clip-curve.json$/);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save clip-curve.json" }).click(),
    ]);
    equal(download.suggestedFilename(), "clip-curve.json");
    const saved = await Deno.readTextFile(await download.path());
    equal(JSON.parse(saved), JSON.parse((await settingsOf(at)).retime));

    await page.getByRole("button", { name: "Add to queue" }).click();
    await page.getByRole("link", { name: "Added. Show the queue" }).click();
    await row(page, "clip-retimed.mp4").getByText("Done", { exact: true }).waitFor();
    const frames = Number((await probe(join(folder, "clip-retimed.mp4"))).video.nb_read_frames);
    ok(Math.abs(frames - 24 * length) <= 1, `${frames} frames last ${length} s`);

    await page.getByRole("link", { name: "Compare" }).click();
    await page.waitForFunction(() =>
      [...document.querySelectorAll("video")].every(({ readyState }) => readyState >= 2)
    );
    await page.getByRole("group", { name: /^Source on the left/ }).focus();
    for (let i = 0; i < 24; i++) await page.keyboard.press("ArrowRight");
    const [result, source] = await page.evaluate(() =>
      [...document.querySelectorAll("video")].map(({ currentTime }) => currentTime)
    );
    const shown = toNumber(retimeCurve(JSON.parse(saved)).at(rational(Math.round(result! * 1e6), 1_000_000))!);
    ok(Math.abs(source! - shown) < 0.01 && result! - source! > 0.1, `${source} at ${result}, not ${shown}`);
  });
});

Deno.test("keyframes are moved, changed, removed and restored by keyboard", async () => {
  await visit(async (at) => {
    const { page } = at, { keys, plan } = await openEditor(at);
    await page.getByRole("slider", { name: "Moment" }).fill("0.5");
    await page.getByRole("button", { name: "Add a keyframe" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Keyframe 2 of 3");
    equal(await keys.nth(1).getAttribute("aria-valuetext"), "0:00.50, speed 1×");
    for (const press of ["Shift+ArrowDown", "ArrowDown", "ArrowUp", "ArrowRight", "ArrowRight"]) {
      await page.keyboard.press(press);
    }
    equal(await keys.nth(1).getAttribute("aria-valuetext"), "0:00.58, speed 0.5×");
    await plan.getByText(`1.5 s → ${clock(await exactLength(at))}`).waitFor();
    await page.getByLabel("To the next").selectOption("linear");
    await page.getByLabel("Hold (s)").fill("0.25");
    await page.keyboard.press("Tab");
    const { speed } = JSON.parse((await settingsOf(at)).retime);
    equal(speed[1], { at: 0.583, speed: 0.5, curve: "linear", hold: 0.25 });
    await plan.getByText(`1.5 s → ${clock(await exactLength(at))}`).waitFor();
    await keys.nth(1).focus();
    await page.keyboard.press("Delete");
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Keyframe 2 of 2");
    await page.keyboard.press("Control+z");
    equal(JSON.parse((await settingsOf(at)).retime).speed, speed);
    await page.keyboard.press("Control+y");
    equal(JSON.parse((await settingsOf(at)).retime).speed.length, 2);
    await page.getByRole("button", { name: "Clear" }).click();
    equal(await settingsOf(at), {});
    await page.getByRole("button", { name: "Undo" }).click();
    equal(JSON.parse((await settingsOf(at)).retime).speed.length, 2);
  });
});

Deno.test("ranges of the form and the curve are one: ranges are shown, and editing makes them keyframes", async () => {
  await visit(async (at) => {
    const { page } = at, { keys, plan, place } = await openEditor(at);
    await page.getByLabel("Slow", { exact: true }).fill("0.5-1=4");
    await page.getByLabel("Ease", { exact: true }).fill("0");
    await keys.nth(2).waitFor();
    const shown = await keys.evaluateAll((all) => all.map((one) => one.getAttribute("aria-valuetext")));
    equal(shown, ["0:00.00, speed 1×", "0:00.50, speed 0.25×", "0:01.00, speed 1×"]);
    await plan.getByText("1.5 s → 3.0 s").waitFor();
    await page.getByText("Command", { exact: true }).click();
    match(await plan.locator("code").innerText(), /--slow 0.5-1=4 --ease 0$/);
    await keys.nth(1).focus();
    await page.keyboard.press("Shift+ArrowUp");
    await plan.getByText("1.5 s → 2.0 s").waitFor();
    const settings = await settingsOf(at);
    equal([Object.keys(settings), curveOf(settings)!.keys.map(({ y }) => y)], [["retime"], [1, 0.5, 1]]);
    equal(await page.getByLabel("Slow", { exact: true }).inputValue(), "");
    await page.getByRole("button", { name: "Undo" }).click();
    equal(await settingsOf(at), { slow: "0.5-1=4", ease: "0" });
    await page.getByLabel("Slow", { exact: true }).fill("0.5-1=2");
    await page.mouse.click(...await place(0.1, 0.1));
    await page.getByLabel("Slow", { exact: true }).fill("0.5-1=2");
    equal(await settingsOf(at), { slow: "0.5-1=2" });
  });
});

Deno.test("a curve plays backward, files are loaded, and wrong ones are named", async () => {
  await visit(async (at) => {
    const { page } = at, { plan } = await openEditor(at);
    const load = (name: string, text: string) =>
      page.getByLabel("Load").setInputFiles({
        name,
        mimeType: "application/json",
        buffer: Buffer.from(text),
      });
    await load("none.json", "{}");
    await page.getByText("none.json: “Speed curve”: give keyframes of either").waitFor();
    await load("half.json", '{"speed":[{"at":0,"speed":"1/2"}]}');
    await plan.getByText("1.5 s → 3.0 s").waitFor();
    equal(await page.getByText("none.json").count(), 0);
    await page.getByRole("button", { name: "Reverse" }).click();
    const { position } = JSON.parse((await settingsOf(at)).retime);
    equal([position[0], position.at(-1)], [{ output: 0, source: 1.5, curve: "smooth" }, {
      output: 3,
      source: 0,
      curve: "smooth",
    }]);
    await page.getByRole("group", { name: "Source over the output" }).waitFor();
    await plan.getByText("1.5 s → 3.0 s").waitFor();
    await page.getByRole("button", { name: "Add a keyframe in between" }).click();
    equal(JSON.parse((await settingsOf(at)).retime).position[1], { output: 1.5, source: 0.75, curve: "smooth" });
    await load("late.json", '{"speed":[{"at":0,"speed":1},{"at":9,"speed":1}]}');
    await page.locator(".curve").getByText(/9/).waitFor();
    ok(at.errors.splice(0).every((error) => error.includes("400")));
  });
});

Deno.test("keyframes are dragged with a finger on a phone, where nothing overflows", async () => {
  await visit(async (at) => {
    const { page } = at, { keys, place } = await openEditor(at);
    await page.touchscreen.tap(...await place(0.5, 0.5));
    equal(await keys.count(), 3);
    const touch = await page.context().newCDPSession(page);
    const send = async (type: "touchStart" | "touchMove" | "touchEnd", x: number, y: number) => {
      const [left, top] = await place(x, y);
      const touchPoints = type === "touchEnd" ? [] : [{ x: left, y: top }];
      await touch.send("Input.dispatchTouchEvent", { type, touchPoints });
    };
    await send("touchStart", 0.5, 0.5);
    for (const y of [0.45, 0.4, 0.375]) await send("touchMove", 0.5, y);
    await send("touchEnd", 0.5, 0.375);
    equal(await keys.nth(1).getAttribute("aria-valuetext"), "0:00.75, speed 1×");
    equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  }, { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true });
});
