import { deepStrictEqual as equal, match, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { download } from "./download.ts";

const CONTENT = Uint8Array.from({ length: 5000 }, (_, i) => i * 7 % 251);
const WANTED = { file: "a.whl", bytes: 5000, sha256: createHash("sha256").update(CONTENT).digest("hex") };

/** Runs a test with a server that records its requests, and a folder; `answer` may change a response. */
async function withServer(
  run: (url: string, target: string, asked: (string | null)[]) => Promise<void>,
  answer: (from: number, count: number) => Response = (from) =>
    new Response(CONTENT.slice(from), { status: from > 0 ? 206 : 200 }),
): Promise<void> {
  const folder = await Deno.makeTempDir(), asked: (string | null)[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ headers }) => {
    const range = headers.get("range");
    return answer(Number(range?.match(/bytes=(\d+)-/)?.[1] ?? 0), asked.push(range));
  });
  try {
    await run(`http://127.0.0.1:${server.addr.port}/a.whl`, join(folder, "a.whl"), asked);
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

const quiet = () => {};
const signal = new AbortController().signal;

Deno.test("download() renames a file when its hash is verified, and reports progress", async () => {
  await withServer(async (url, target) => {
    const reported: number[] = [];
    await download(url, target, WANTED, (_, done, total) => reported.push(done / total), signal);
    equal(await Deno.readFile(target), CONTENT);
    strictEqual(reported.at(-1), 1);
  });
});

Deno.test("download() requests only the bytes that an earlier attempt lacks", async () => {
  await withServer(async (url, target, asked) => {
    await Deno.writeFile(`${target}.part`, CONTENT.slice(0, 1234));
    await download(url, target, WANTED, quiet, signal);
    equal(asked, ["bytes=1234-"]);
    equal(await Deno.readFile(target), CONTENT);
  });
});

Deno.test("download() starts over if the server does not support ranges, or the partial file is too long", async () => {
  const whole = () => new Response(CONTENT);
  await withServer(async (url, target) => {
    await Deno.writeFile(`${target}.part`, CONTENT.slice(0, 1234));
    await download(url, target, WANTED, quiet, signal);
    equal(await Deno.readFile(target), CONTENT);
    await Deno.writeFile(`${target}.part`, new Uint8Array(6000));
    await download(url, target, WANTED, quiet, signal);
    equal(await Deno.readFile(target), CONTENT);
  }, whole);
});

Deno.test("download() resumes when the connection breaks", async () => {
  const broken = (from: number, count: number) =>
    count > 1 ? new Response(CONTENT.slice(from), { status: 206 }) : new Response(
      new ReadableStream({
        start: (stream) => stream.enqueue(CONTENT.slice(0, 3000)),
        pull: (stream) => stream.error(new Error("cut")),
      }),
    );
  await withServer(async (url, target, asked) => {
    await download(url, target, WANTED, quiet, signal);
    equal(await Deno.readFile(target), CONTENT);
    strictEqual(asked.length, 2);
  }, broken);
});

Deno.test("download() removes a file with a wrong hash, and reports it", async () => {
  const spoiled = () => new Response(CONTENT.map((byte, i) => i === 77 ? byte ^ 1 : byte));
  await withServer(async (url, target) => {
    await rejects(
      download(url, target, WANTED, quiet, signal),
      /a\.whl: the SHA-256 is .*, not the expected .* removed, try again/,
    );
    equal([...Deno.readDirSync(join(target, ".."))], []);
  }, spoiled);
});

Deno.test("download() keeps the partial file if the server keeps failing, and reports the cause", async () => {
  await withServer(async (url, target) => {
    await Deno.writeFile(`${target}.part`, CONTENT.slice(0, 10));
    const error: Error = await download(url, target, WANTED, quiet, signal).then(() => new Error("done"), (e) => e);
    match(error.message, /cannot download a\.whl: the server responded with status 503 .* run this again to resume/);
    strictEqual((await Deno.stat(`${target}.part`)).size, 10);
  }, () => new Response("no", { status: 503 }));
});
