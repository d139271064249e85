/** The routes of the server. The page calls them by their types. */
import { UsageError } from "@slomo/core";
import type { MediaInfo } from "@slomo/core";
import { basename, join } from "@std/path";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { validator } from "hono/validator";
import { z } from "zod";
import type { Queue } from "../queue/queue.ts";
import { outputOf, readSettings } from "../shared/settings.ts";
import {
  type AppState,
  type Clip,
  type Cost,
  type Job,
  JOB_ACTIONS,
  type Plan,
  type Problem,
  THUMBNAILS,
  VIEWS,
} from "../shared/types.ts";
import type { Access } from "./access.ts";
import { buildPage } from "./bundle.ts";
import { clipOf, frameAt, scanClip, thumbnailAt } from "./clips.ts";
import { type Folders, freePath, safeName } from "./folders.ts";
import { fileResponse } from "./media.ts";
import type { Models } from "./models.ts";
import { Previews } from "./previews.ts";
import { Thumbnails } from "./thumbnails.ts";
import { storeUpload, type UploadOptions, UploadRefused } from "./uploads.ts";

/** Parts of the server that the routes use. */
export interface AppContext {
  /** Checks of every request. */
  readonly access: Access;
  /** The folders of files. */
  readonly folders: Folders;
  /** Models for plans, frames and previews. */
  readonly models: Models;
  /** The jobs. */
  readonly queue: Queue;
  /** Where uploads go. */
  readonly uploads: UploadOptions;
  /** Calls a function after each change of a job, until the returned function is called. */
  readonly onJobs: (listener: () => void) => () => void;
  /** State of the server for the start of the page. */
  readonly state: AppState;
}

/** Most characters of a name, and of a settings value: a speed curve may have many keyframes. */
const LONGEST = 1000, LONGEST_VALUE = 50_000;

const id = z.string().min(1).max(4000), seconds = z.coerce.number().min(0).max(1e7);
const settings = z.record(z.string().max(100), z.union([z.string().max(LONGEST_VALUE), z.boolean()]));
const jobRequest = z.object({ file: id, settings, name: z.string().min(1).max(LONGEST) });
const previewRequest = z.object({
  file: id,
  settings,
  time: seconds,
  count: z.number().int().min(1).max(31),
  most: z.number().int().min(64 * 64).max(8192 * 8192),
});
const thumbnail = z.coerce.number().int().min(0).max(THUMBNAILS - 1);
const imageRequest = z.object({ view: z.enum(VIEWS), index: z.coerce.number().int().min(0).max(40) });

function problemOf(issue: z.core.$ZodIssue): string {
  const field = issue.path.join(".");
  if (issue.code !== "too_big" || issue.origin !== "string") return field;
  return `${field} has more than ${issue.maximum} characters; shorten it`;
}

function valid<const K extends "json" | "query" | "param", S extends z.ZodType>(kind: K, schema: S) {
  return validator(kind, (value): z.output<S> => {
    const { data, error } = schema.safeParse(value);
    if (error) throw new UsageError(`the request is wrong: ${problemOf(error.issues[0]!)}`);
    return data as z.output<S>;
  });
}

/** Milliseconds between two reports of the queue. */
const REPORT_EVERY = 200;

/** Creates the routes. */
export function createApp(context: AppContext) {
  const { access, folders, models, queue, uploads, onJobs, state } = context,
    previews = new Previews(),
    thumbnails = new Thumbnails();
  const scanner = () => models.open();
  const known = new Map<string, Promise<MediaInfo>>();

  /** Returns the path of a source, its size, a key that changes with the file, and its facts, which are read once per key. */
  async function sourceOf(id: string) {
    const path = await folders.resolve(id), { size, mtime } = await Deno.stat(path);
    const key = `${path} ${size} ${+(mtime ?? 0)}`;
    const info = known.get(key) ?? scanner().then((slomo) => slomo.info(path));
    known.set(key, info);
    info.catch(() => known.delete(key));
    return { path, size, key, info: await info };
  }

  async function clip(id: string): Promise<Clip> {
    const { path, size, info } = await sourceOf(id);
    return clipOf(id, path, size, info);
  }

  /** Returns the jobs. Results are stored by name, because the number of their folder may change from start to start. */
  function listJobs(): readonly Job[] {
    return queue.jobs().map((job) =>
      job.result === undefined ? job : { ...job, result: folders.idOf(join(folders.out, job.result)) }
    );
  }

  async function fileOf(id: string): Promise<string> {
    const path = await folders.resolve(id);
    if ((await Deno.stat(path)).isFile) return path;
    throw new UsageError(`files: cannot send ${basename(path)}: it is a folder`);
  }

  const app = new Hono();
  app.onError((error, c) => {
    const { message, option } = error as Error & { readonly option?: string };
    const problem: Problem = option === undefined ? { message } : { message, option };
    if (error instanceof UploadRefused) return c.json({ error: problem }, error.status);
    if (error.name === "UsageError") return c.json({ error: problem }, 400);
    return c.json({ error: { message: message.split("\n", 1)[0]! } }, 500);
  });
  app.notFound((c) => c.json({ error: { message: "there is no such page" } }, 404));
  app.use(access.guard);

  return app
    .get("/", async (c) => c.html((await buildPage()).html))
    .get("/assets/*", async (c) => {
      const asset = (await buildPage()).assets.find(({ path }) => path === c.req.path);
      if (!asset) return c.notFound();
      const isHashed = asset.path.split("/").length > 3;
      c.header("cache-control", isHashed ? "private, max-age=31536000, immutable" : "no-cache");
      return c.body(asset.gzip, 200, { "content-type": asset.type, "content-encoding": "gzip" });
    })
    .get("/api/state", (c) => c.json(state))
    .get(
      "/api/files",
      valid("query", z.object({ id })),
      async (c) => c.json(await folders.list(c.req.valid("query").id)),
    )
    .put("/api/uploads/:name", async (c) => {
      const length = c.req.header("content-length"), body = c.req.raw.body ?? new Blob([]).stream();
      const path = await storeUpload(
        c.req.param("name"),
        length === undefined ? undefined : Number(length),
        body,
        uploads,
      );
      return c.json({ id: folders.idOf(path) });
    })
    .get("/api/clip", valid("query", z.object({ id })), async (c) => c.json(await clip(c.req.valid("query").id)))
    .get("/api/frame", valid("query", z.object({ id, time: seconds })), async (c) => {
      const { id, time } = c.req.valid("query"), { path, info } = await sourceOf(id);
      const png = await frameAt(await scanner(), path, info, time);
      return c.body(png, 200, { "content-type": "image/png", "cache-control": "private, max-age=600" });
    })
    .get("/api/thumbnail", valid("query", z.object({ id, index: thumbnail })), async (c) => {
      const { id, index } = c.req.valid("query"), { path, key, info } = await sourceOf(id);
      const decode = async () => await thumbnailAt(await scanner(), path, info, index);
      const png = await thumbnails.get(`${index} ${key}`, decode).catch(() => undefined);
      // A video may have no frame there; its timeline has a gap then.
      if (!png) return c.body(null, 204);
      return c.body(png, 200, { "content-type": "image/png", "cache-control": "private, max-age=600" });
    })
    .get("/api/scan", valid("query", z.object({ id, threshold: seconds.optional() })), async (c) => {
      const { id, threshold } = c.req.valid("query"), path = await folders.resolve(id), slomo = await scanner();
      return streamSSE(c, async (stream) => {
        const stop = new AbortController();
        stream.onAbort(() => stop.abort());
        try {
          for await (const found of scanClip(slomo, path, { threshold, signal: stop.signal })) {
            await stream.writeSSE({ data: JSON.stringify(found) });
          }
        } catch (error) {
          if (!stop.signal.aborted) await stream.writeSSE({ event: "problem", data: `${(error as Error).message}` });
        }
      });
    })
    .post("/api/plan", valid("json", jobRequest), async (c) => {
      const { file, settings, name } = c.req.valid("json"), path = await folders.resolve(file);
      const { convert } = readSettings(settings), place = join(folders.out, safeName(name));
      const target = convert.overwrite ? place : await freePath(place);
      const options = { ...convert, overwrite: true };
      const estimate = await (await scanner()).estimate(path, join(folders.out, outputOf(basename(target))), options);
      return c.json({ estimate, name: basename(target) } satisfies Plan as Plan);
    })
    .post("/api/cost", valid("json", z.object({ file: id, settings })), async (c) => {
      const { file, settings } = c.req.valid("json"), path = await folders.resolve(file);
      const { convert: { deinterlace }, model } = readSettings(settings);
      const cost = await models.use(model, (slomo) => slomo.measure(path, { deinterlace }));
      return c.json({ ...cost, memory: Deno.memoryUsage().rss } satisfies Cost as Cost);
    })
    .post("/api/previews", valid("json", previewRequest), async (c) => {
      const { file, settings, ...request } = c.req.valid("json"), { path, info } = await sourceOf(file);
      const { model } = readSettings(settings);
      return c.json(await models.use(model, (slomo) => previews.make(slomo, { ...request, path, info })));
    })
    .get("/api/previews/:id", valid("query", imageRequest), (c) => {
      const { view, index } = c.req.valid("query");
      const { data, width, height } = previews.pixels(c.req.param("id"), view, index);
      const headers = { "content-type": "application/octet-stream", "x-size": `${width}x${height}` };
      return c.body(data.buffer, 200, headers);
    })
    .get("/api/jobs", (c) => c.json({ jobs: listJobs() }))
    .post("/api/jobs", valid("json", jobRequest), async (c) => {
      const { file, settings, name } = c.req.valid("json");
      const path = await folders.resolve(file);
      readSettings(settings);
      return c.json({ id: queue.add({ file, path, settings, name: safeName(name) }).id });
    })
    .post("/api/jobs/order", valid("json", z.object({ ids: z.array(id).max(10_000) })), (c) => {
      queue.reorder(c.req.valid("json").ids);
      return c.json({ ok: true });
    })
    .post("/api/jobs/:id/:action", valid("param", z.object({ id, action: z.enum(JOB_ACTIONS) })), async (c) => {
      const { id, action } = c.req.valid("param");
      await queue[action](id);
      return c.json({ ok: true });
    })
    .get("/api/events", (c) =>
      streamSSE(c, async (stream) => {
        let wake = Promise.withResolvers<void>();
        const stop = onJobs(() => wake.resolve());
        stream.onAbort(() => wake.resolve());
        try {
          while (!stream.aborted) {
            wake = Promise.withResolvers<void>();
            const jobs = listJobs();
            await stream.writeSSE({ data: JSON.stringify(jobs) });
            await wake.promise;
            if (!stream.aborted) await stream.sleep(REPORT_EVERY);
          }
        } finally {
          stop();
        }
      }))
    .get("/media", valid("query", z.object({ id, download: z.string().optional() })), async (c) => {
      const { id, download } = c.req.valid("query"), path = await fileOf(id);
      return await fileResponse(path, {
        name: basename(path),
        range: c.req.header("range"),
        download: download !== undefined,
      });
    });
}

/** Types of the routes, for the page. */
export type Api = ReturnType<typeof createApp>;
