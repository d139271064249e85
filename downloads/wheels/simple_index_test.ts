import { rejects, strictEqual } from "node:assert/strict";
import { indexUrl, wheelUrl } from "./simple_index.ts";
import type { Wheel } from "./wheel.ts";

const FILE = "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl";
const WHEEL: Wheel = { project: "tensorflow-cpu", version: "2.21.0", file: FILE, bytes: 1, sha256: "", members: /./ };
const signal = new AbortController().signal;

async function asked(answer: () => Response): Promise<string> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  try {
    const url = await wheelUrl(`http://127.0.0.1:${server.addr.port}/simple`, WHEEL, signal);
    return url.replace(String(server.addr.port), "PORT");
  } finally {
    await server.shutdown();
  }
}

Deno.test("wheelUrl() finds a wheel in an index in JSON or HTML, by absolute and relative URLs", async () => {
  const json = { files: [{ filename: "other.whl", url: "x" }, { filename: FILE, url: "https://files.example/a.whl" }] };
  const headers = { "content-type": "application/vnd.pypi.simple.v1+json" };
  strictEqual(await asked(() => new Response(JSON.stringify(json), { headers })), "https://files.example/a.whl");
  const html = `<a href="x">other.whl</a><br/>\n<a data-y="1" href="../../f/a.whl?a=1&amp;b=2#sha256=0">${FILE}</a>`;
  const page = () => new Response(html, { headers: { "content-type": "text/html" } });
  strictEqual(await asked(page), "http://127.0.0.1:PORT/f/a.whl?a=1&b=2#sha256=0");
});

Deno.test("wheelUrl() reports the response of an index that does not have the wheel", async () => {
  await rejects(
    asked(() => new Response("", { status: 404 })),
    /responded with status 404 for .*\/simple\/tensorflow-cpu\//,
  );
  await rejects(asked(() => new Response("<html>")), new RegExp(`does not have ${FILE}`));
});

Deno.test("indexUrl() returns pip's index, or PyPI", () => {
  strictEqual(indexUrl(() => undefined), "https://pypi.org/simple");
  strictEqual(
    indexUrl((name) => name === "PIP_INDEX_URL" ? "http://mirror/simple/" : undefined),
    "http://mirror/simple",
  );
});
