/**
 * Shows the queues of a server of Redis or Valkey in a browser, with bull-board:
 * `deno run --allow-net --allow-env --allow-read --allow-sys --no-config board.js redis://127.0.0.1 3000`
 *
 * Whoever can open the page can retry and remove jobs. It listens on this machine only.
 */
import { createBullBoard } from "npm:@bull-board/api@9.10.1";
import { BullMQAdapter } from "npm:@bull-board/api@9.10.1/bullMQAdapter";
import { HonoAdapter } from "npm:@bull-board/hono@9.10.1";
import { createRedisBackend, withBackend } from "npm:bullmq@6.7.0";
import { Hono } from "npm:hono@4.13.19";
import { serveStatic } from "npm:hono@4.13.19/deno";
import { Redis } from "npm:ioredis@6.0.0";

const [address = "redis://127.0.0.1", port = "3000"] = Deno.args;
const connection = new Redis(address, { maxRetriesPerRequest: null });
const { Queue } = withBackend(createRedisBackend);
// Workers with other facts have other queues of segments.
const names = (await connection.keys("bull:slomo-*:meta")).map((key) => key.split(":")[1]).sort();
const serverAdapter = new HonoAdapter(serveStatic);
createBullBoard({ queues: names.map((name) => new BullMQAdapter(new Queue(name, { connection }))), serverAdapter });
const app = new Hono().route("/", serverAdapter.registerPlugin());
Deno.serve({ hostname: "127.0.0.1", port: Number(port) }, app.fetch);
