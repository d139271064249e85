import { deepStrictEqual as equal, match, ok, rejects } from "node:assert/strict";
import { withPage } from "../_testing.ts";
import { list, withFolder } from "../../tests/_tools.ts";
import { clearUploads, storeUpload, type UploadOptions } from "./uploads.ts";

async function withUploads(
  test: (options: UploadOptions, files: () => Promise<string[][]>) => Promise<void>,
): Promise<void> {
  await withFolder(async (_, at) => {
    const options = { folder: at("out"), partial: at("partial"), limit: 1000, freeBytes: () => Promise.resolve(1e12) };
    await Promise.all([Deno.mkdir(options.folder), Deno.mkdir(options.partial)]);
    await test(options, async () => [await list(options.folder), await list(options.partial)]);
  });
}

const stream = (...chunks: readonly number[]) =>
  ReadableStream.from(chunks.map((length) => new Uint8Array(length).fill(7)));

Deno.test("an upload is stored under its own name, or a free one", async () => {
  await withUploads(async (options, files) => {
    const path = await storeUpload("a.mp4", 300, stream(100, 200), options);
    equal((await Deno.stat(path)).size, 300);
    await storeUpload("../../a.mp4", 10, stream(10), options);
    equal(await files(), [["a (2).mp4", "a.mp4"], []]);
  });
});

Deno.test("uploads that are too large, longer than they say, or shorter leave nothing behind", async () => {
  await withUploads(async (options, files) => {
    await rejects(storeUpload("a.mp4", 1001, stream(1001), options), { status: 413, message: /larger than/ });
    await rejects(storeUpload("a.mp4", 10, stream(8, 8), options), { status: 413 });
    await rejects(storeUpload("a.mp4", undefined, stream(8), options), { status: 411 });
    await rejects(storeUpload("a.mp4", 100, stream(8), options), { name: "JobError", message: /8 of 100 bytes/ });
    equal(await files(), [[], []]);
  });
});

Deno.test("an upload that does not fit on the disk is refused before it is read, or when the disk fills up", async () => {
  await withUploads(async (options, files) => {
    let read = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        read++;
        controller.enqueue(new Uint8Array(10));
      },
    }, { highWaterMark: 0 });
    const full = { ...options, limit: 1e12, freeBytes: () => Promise.resolve(2 ** 30) };
    await rejects(storeUpload("a.mp4", 2e9, body, full), { status: 507, message: /needs 2.0 GB/ });
    equal(read, 0);
    let free = 1e12;
    const filling = { ...full, freeBytes: () => Promise.resolve(free) };
    const large = (async function* () {
      for (let i = 0; i < 4; i++) {
        yield new Uint8Array(2 ** 27);
        free = 0;
      }
    })();
    await rejects(storeUpload("a.mp4", 2 ** 29, ReadableStream.from(large), filling), { status: 507 });
    equal(await files(), [[], []]);
  });
});

Deno.test("a tab that is closed in mid-upload leaves nothing, and the rests of a killed server are removed", async () => {
  await withUploads(async (options, files) => {
    const broken = (async function* () {
      yield new Uint8Array(10);
      throw new Error("connection reset by peer");
    })();
    await rejects(storeUpload("a.mp4", 100, ReadableStream.from(broken), options), {
      name: "JobError",
      code: "write-failed",
    });
    await Deno.writeTextFile(`${options.partial}/old.part`, "rest");
    await clearUploads(options.partial);
    equal(await files(), [[], []]);
  });
});

Deno.test("the page answers uploads with the file's identity, or with the reason", async () => {
  await withPage(async (page) => {
    const put = async (name: string, bytes: number) => {
      const body = new Uint8Array(bytes), headers = { "content-length": `${bytes}` };
      const response = await page.ask(`/api/uploads/${encodeURIComponent(name)}`, { method: "PUT", body, headers });
      return [response.status, await response.json()] as const;
    };
    equal(await put("../../.ssh/new.mp4", 50), [200, { id: "0/new.mp4" }]);
    const [status, { error }] = await put("big.mp4", 101);
    equal(status, 413);
    match((error as { message: string }).message, /larger than 0.0 GB/);
    ok(!(await list(page.folder)).includes("big.mp4"));
  }, { uploadLimit: 100 });
});
