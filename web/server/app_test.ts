import { deepStrictEqual as equal, match, notDeepStrictEqual as notEqual, ok, rejects } from "node:assert/strict";
import { decode } from "fast-png";
import { join } from "@std/path";
import { jobsWhen, openPage, type TestPage, withPage, withSmallPage } from "../_testing.ts";
import { ffmpeg, list, probe, withFolder } from "../../tests/_tools.ts";
import {
  type Clip,
  type Cost,
  type Found,
  isEnded,
  type Job,
  type Listing,
  type Plan,
  type Preview,
  type Problem,
} from "../shared/types.ts";

const isOver = ({ state }: Job) => isEnded(state);
const get = async <T>(page: TestPage, path: string) => await (await page.ask(path)).json() as T;
const job = (name: string, settings: Job["settings"] = {}) => ({ file: "0/clip.mp4", name, settings });

Deno.test("the page opens a video: listing, facts, poster, cuts and duplicates", async () => {
  await withPage(async (page) => {
    const { entries } = await get<Listing>(page, "/api/files?id=0");
    equal(entries.map(({ id, kind }) => [id, kind]), [["0/clip.mp4", "video"]]);
    const clip = await get<Clip>(page, "/api/clip?id=0/clip.mp4");
    equal([clip.name, clip.width, clip.height, clip.codec, clip.depth], ["clip.mp4", 320, 180, "h264", 8]);
    match(clip.color, /^4:2:0/);
    const poster = await page.ask("/api/frame?id=0/clip.mp4&time=0.2");
    equal(poster.headers.get("content-type"), "image/png");
    const { width, height } = decode(new Uint8Array(await poster.arrayBuffer()));
    equal([width, height], [320, 180]);
    const small = await page.ask("/api/thumbnail?id=0/clip.mp4&index=11");
    const thumbnail = decode(new Uint8Array(await small.arrayBuffer()));
    equal([small.headers.get("content-type"), thumbnail.width, thumbnail.height], ["image/png", 128, 72]);
    equal((await page.ask("/api/thumbnail?id=0/clip.mp4&index=12")).status, 400);
    const events = await (await page.ask("/api/scan?id=0/clip.mp4")).text();
    const found = events.trim().split("\n\n").map((event) => JSON.parse(event.replace("data: ", "")) as Found);
    equal([found.at(-1)!.isDone, found.at(-1)!.frames], [true, clip.frames]);
    for (const path of ["/api/clip?id=0/none.mp4", "/api/frame?id=0/clip.mp4&time=99", "/api/clip"]) {
      equal((await page.ask(path)).status, 400, path);
    }
  });
});

Deno.test("frames are rotated and have square pixels", async () => {
  await withFolder(async (folder, at) => {
    const filters = "testsrc2=s=64x36:r=10:d=0.3,setsar=2";
    await ffmpeg(...["-f", "lavfi", "-i", filters, "-c:v", "libx264", "-pix_fmt", "yuv420p", at("wide.mp4")]);
    await using page = await openPage(folder);
    const clip = await get<Clip>(page, "/api/clip?id=0/wide.mp4");
    const { width, height } = decode(
      new Uint8Array(await (await page.ask("/api/frame?id=0/wide.mp4&time=0")).arrayBuffer()),
    );
    equal([clip.width, clip.height, width, height], [128, 36, 128, 36]);
  });
});

Deno.test("every time up to the end has a frame: the last one that is not later, also if the page rounded the time", async () => {
  await withFolder(async (folder, at) => {
    // Each frame has another gray.
    const gray = "geq=lum='16+N':cb=128:cr=128";
    const source = (rate: string) => ["-f", "lavfi", "-i", `nullsrc=s=64x36:r=${rate}:d=2,${gray}`];
    const encoded = ["-c:v", "libx264", "-qp", "0", "-pix_fmt", "yuv444p"];
    const rates = { "12": 12, "60": 60, "24000/1001": 24000 / 1001 };
    await using page = await openPage(folder);
    const frame = async (id: string, time: number) => {
      const response = await page.ask(`/api/frame?id=0/${id}&time=${time}`);
      equal(response.status, 200, `${id} at ${time} s: ${response.status === 200 || await response.text()}`);
      return await response.bytes();
    };
    for (const [name, rate] of Object.entries(rates)) {
      const id = `${rate.toFixed(0)}.mp4`;
      await ffmpeg(...source(name), ...encoded, at(id));
      const { frames } = await get<Clip>(page, `/api/clip?id=0/${id}`), last = frames! - 1;
      const end = await frame(id, last / rate);
      for (const time of [+(last / rate).toFixed(4), +(last / rate).toFixed(8), (last + 0.9) / rate]) {
        equal(await frame(id, time), end, `${id} at ${time} s`);
      }
      // Rounded up and rounded down.
      for (const index of [4, 5]) {
        equal(
          await frame(id, +(index / rate).toFixed(4)),
          await frame(id, (index + 0.4) / rate),
          `${id}, frame ${index}`,
        );
      }
      notEqual(await frame(id, 4 / rate), await frame(id, 5 / rate));
      equal((await page.ask(`/api/thumbnail?id=0/${id}&index=11`)).status, 200);
      equal((await page.ask(`/api/frame?id=0/${id}&time=2.5`)).status, 400);
    }
    // One frame is shown for a second in the middle.
    const gap = ["-vf", "select='lt(n,6)+gte(n,18)'", "-fps_mode", "vfr"];
    await ffmpeg(...source("12"), ...gap, ...encoded, at("gap.mp4"));
    equal(await frame("gap.mp4", 1.3), await frame("gap.mp4", 5 / 12));
  });
});

Deno.test("the plan is live, and errors name the option", async () => {
  await withPage(async (page) => {
    const settings = { factor: "4", slowMotion: true };
    const { estimate, name } = await page.post<Plan>("/api/plan", job("clip.mp4", settings));
    equal([name, estimate.output.frames, estimate.output.container], [
      "clip (2).mp4",
      4 * estimate.input.frames!,
      "mp4",
    ]);
    const images = await page.post<Plan>("/api/plan", job("frames", settings));
    equal(images.estimate.output.container, "images");
    const long = await page.post<{ error: Problem }>("/api/plan", job(`${"a".repeat(2000)}.mp4`, settings));
    equal(long.error.message, "the request is wrong: name has more than 1000 characters; shorten it");
    const { error } = await page.post<{ error: Problem }>("/api/plan", job("a.mp4", { start: "99" }));
    equal(error.option, "start");
    const cost = await page.post<Cost>("/api/cost", { file: "0/clip.mp4", settings: {} });
    ok(cost.frame > 0 && cost.memory > 0);
    equal(await list(page.folder), [".slomo-web", "clip.mp4"]);
  });
});

Deno.test("a job writes a result beside the others, never over them unless asked to", async () => {
  await withSmallPage(async (page) => {
    await page.post("/api/jobs", job("out.mp4", { end: "0.2" }));
    await page.post("/api/jobs", job("../../out.mp4", { end: "0.2" }));
    await page.post("/api/jobs", job("frames", { end: "0.2", flowOut: "../flow" }));
    const jobs = await jobsWhen(page, (jobs) => jobs.length === 3 && jobs.every(isOver));
    equal(jobs.map(({ state, result, message }) => message ?? `${state} ${result}`), [
      "done 0/out.mp4",
      "done 0/out (2).mp4",
      "done 0/frames",
    ]);
    equal((await probe(join(page.folder, "out.mp4"))).video.nb_read_frames, `${jobs[0]!.total}`);
    equal((await list(join(page.folder, "frames"))).length, jobs[2]!.total);
    equal(await list(page.folder), [".slomo-web", "clip.mp4", "flow", "frames", "out (2).mp4", "out.mp4"]);
    equal(await list(join(page.folder, ".slomo-web/jobs")), []);
    const { id } = await page.post<{ id: string }>("/api/jobs", job("clip.mp4", { end: "0.2", overwrite: true }));
    const refused = (await jobsWhen(page, (jobs) => jobs.some((one) => one.id === id && isOver(one)))).at(-1)!;
    match(refused.message!, /clip.mp4 is the source/);
  });
});

Deno.test("six jobs at once are done one after another", async () => {
  await withSmallPage(async (page) => {
    await Promise.all(Array.from({ length: 6 }, (_, i) => page.post("/api/jobs", job(`${i}.mkv`, { end: "0.1" }))));
    let most = 0;
    const jobs = await jobsWhen(page, (jobs) => {
      most = Math.max(most, jobs.filter(({ state }) => state === "running").length);
      return jobs.every(isOver);
    });
    equal([jobs.length, most, jobs.filter(({ state }) => state === "done").length], [6, 1, 6]);
  });
});

Deno.test("a job is canceled without a trace, and one that is interrupted continues after a restart", async () => {
  await withSmallPage(async (page) => {
    const { id } = await page.post<{ id: string }>("/api/jobs", job("gone.mp4", { factor: "40" }));
    await jobsWhen(page, ([first]) => first!.done > 0);
    equal(await page.post(`/api/jobs/${id}/cancel`), { ok: true });
    equal([await list(page.folder), await list(join(page.folder, ".slomo-web/jobs"))], [
      [".slomo-web", "clip.mp4"],
      [],
    ]);
    match((await page.post<{ error: Problem }>(`/api/jobs/${id}/pause`)).error.message, /it is canceled/);
    equal((await page.ask(`/api/jobs/${id}/explode`, { method: "POST" })).status, 400);

    await page.post("/api/jobs", job("kept.mp4", { factor: "40" }));
    await jobsWhen(page, ([, second]) => second!.done > 0);
    await page[Symbol.asyncDispose]();
    await using again = await openPage(page.folder);
    equal(again.queue.jobs().map(({ state }) => state), ["canceled", "queued"]);
    again.queue.start();
    const jobs = await jobsWhen(again, (jobs) => jobs.every(isOver));
    equal(jobs[1]!.result, "0/kept.mp4");
  });
});

Deno.test("a preview has the frames between two source frames and its views", async () => {
  await withPage(async (page) => {
    const request = { file: "0/clip.mp4", settings: {}, time: 0.3, count: 3, most: 320 * 180 };
    const preview = await page.post<Preview>("/api/previews", request);
    equal([preview.times, preview.width, preview.height, preview.hasFlow], [[0.25, 0.5, 0.75], 320, 180, false]);
    ok(preview.between[0] <= 0.3 && preview.between[1] > 0.3);
    const pixels = async (view: string, index: number) => {
      const response = await page.ask(`/api/previews/${preview.id}?view=${view}&index=${index}`);
      equal([response.status, response.headers.get("x-size")], [200, "320x180"]);
      return new Uint8Array(await response.arrayBuffer());
    };
    const [first, second, half] = [
      await pixels("interpolated", 0),
      await pixels("interpolated", 4),
      await pixels("blend", 2),
    ];
    ok(half.every((value, i) => Math.abs(value - (first[i]! + second[i]!) / 2) <= 1));
    // The model of tests only blends, so nothing differs from a blend, except for rounding in YUV.
    const difference = await pixels("difference", 2);
    ok(difference.filter((value, i) => i % 4 < 3 && value > 8).length === 0);
    equal((await page.ask(`/api/previews/${preview.id}?view=interpolated&index=9`)).status, 400);
    equal((await page.ask(`/api/previews/${preview.id}?view=secret&index=1`)).status, 400);
    equal((await page.ask("/api/previews/none?view=blend&index=1")).status, 400);
    const last = await page.post<Preview>("/api/previews", { ...request, time: 60, count: 1 });
    ok("error" in last, "after the end there is nothing");
    const small = await page.post<Preview>("/api/previews", { ...request, count: 1, most: 64 * 64 });
    ok(small.width * small.height <= 64 * 65 && small.width > small.height);
  });
});

Deno.test("a job does not run on another file of that name if the page is started with other folders", async () => {
  await withSmallPage(async (page) => {
    await page.post("/api/jobs", job("short.mp4", { end: "0.2" }));
    await page.post("/api/jobs", job("a.mp4", { factor: "40" }));
    await jobsWhen(page, ([, second]) => second!.done > 0);
    await page[Symbol.asyncDispose]();
    const other = join(page.folder, "other");
    await Deno.mkdir(other);
    await Deno.copyFile(join(page.folder, "clip.mp4"), join(other, "clip.mp4"));
    await using again = await openPage(other, { out: page.folder });
    equal((await get<{ jobs: Job[] }>(again, "/api/jobs")).jobs[0]!.result, "1/short.mp4");
    equal((await get<Clip>(again, "/api/clip?id=1/short.mp4")).name, "short.mp4");
    again.queue.start();
    const [, failed] = await jobsWhen(again, (jobs) => jobs.every(isOver));
    match(failed!.message!, /cannot read \S+clip.mp4: .* other folders/);
  });
});

Deno.test("two pages cannot use one output folder", async () => {
  await withPage(async ({ folder }) => {
    await rejects(openPage(folder), { name: "UsageError", code: "output-busy" });
  });
});

Deno.test("the page is one script and one style sheet, below 100 KB", async () => {
  await withPage(async (page) => {
    const html = await (await page.ask("/")).text(),
      paths = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    equal(paths.map((path) => path.split("/").at(-1)), ["style.css", "app.js"]);
    let bytes = 0;
    for (const path of paths) {
      const response = await page.ask(path);
      equal([response.status, response.headers.get("content-encoding")], [200, "gzip"]);
      bytes += (await response.arrayBuffer()).byteLength;
    }
    ok(bytes < 100_000, `${bytes} bytes`);
    equal((await page.ask("/assets/0/app.js")).status, 404);
    ok(!/<script>|style=|\son\w+=/.test(html), "the policy forbids code in the document");
  });
});
