import { deepStrictEqual as equal, match } from "node:assert/strict";
import { withPage } from "../_testing.ts";

Deno.test("media are sent whole and in ranges", async () => {
  await withPage(async (page) => {
    const bytes = await Deno.readFile(`${page.folder}/clip.mp4`), { length } = bytes;
    const get = async (range?: string) => {
      const response = await page.ask("/media?id=0/clip.mp4", { headers: range === undefined ? {} : { range } });
      const { status, headers } = response;
      return [status, headers.get("content-range"), new Uint8Array(await response.arrayBuffer())] as const;
    };
    equal(await get(), [200, null, bytes]);
    equal(await get("bytes=10-19"), [206, `bytes 10-19/${length}`, bytes.slice(10, 20)]);
    equal(await get(`bytes=${length - 5}-`), [206, `bytes ${length - 5}-${length - 1}/${length}`, bytes.slice(-5)]);
    equal(await get("bytes=-7"), [206, `bytes ${length - 7}-${length - 1}/${length}`, bytes.slice(-7)]);
    equal(await get(`bytes=5-${10 * length}`), [206, `bytes 5-${length - 1}/${length}`, bytes.slice(5)]);
    equal((await get(`bytes=${length}-`)).slice(0, 2), [416, `bytes */${length}`]);
    equal((await get("bytes=9-2")).slice(0, 2), [416, `bytes */${length}`]);
    equal((await get("lines=1-2"))[0], 200);
  });
});

Deno.test("files that are no video are downloaded, never shown, and nothing outside of the folders is sent", async () => {
  await withPage(async (page) => {
    await Deno.writeTextFile(`${page.folder}/evil.html`, "<script>alert(1)</script>");
    const evil = await page.ask("/media?id=0/evil.html");
    await evil.body!.cancel();
    equal(evil.headers.get("content-type"), "application/octet-stream");
    equal(evil.headers.get("content-security-policy"), "sandbox; default-src 'none'");
    match(evil.headers.get("content-disposition")!, /^attachment; /);
    await Deno.copyFile(`${page.folder}/clip.mp4`, `${page.folder}/a'b\r\n "c.mp4`);
    const odd = await page.ask(`/media?download&id=${encodeURIComponent(`0/a'b\r\n "c.mp4`)}`);
    await odd.body!.cancel();
    equal(odd.headers.get("content-disposition"), "attachment; filename*=UTF-8''a%27b%0D%0A%20%22c.mp4");
    for (const id of ["0/../clip.mp4", "0/.slomo-web/queue.db", "0", "1/clip.mp4", "/etc/passwd"]) {
      equal((await page.ask(`/media?id=${encodeURIComponent(id)}`)).status, 400, id);
    }
  });
});
