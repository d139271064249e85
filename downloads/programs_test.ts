import { deepStrictEqual as equal, match, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { downloadPrograms } from "./programs.ts";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";

const PROGRAM = new TextEncoder().encode("#!/bin/sh\necho it runs\n");

async function makeWheel(): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  await writer.add("tool/bin/tool-1", new Uint8ArrayReader(PROGRAM), { unixMode: 0o100755 });
  await writer.add("tool/__init__.py", new Uint8ArrayReader(PROGRAM));
  return new Uint8Array(await writer.close());
}

/** Environment of a test: a package index with one wheel, and a cache. */
interface Place {
  /** The folder of the downloads. */
  readonly home: string;
  /** The wheel's bytes. */
  readonly wheel: Uint8Array<ArrayBuffer>;
  /** Requests for the wheel: the range, or `whole`. */
  readonly asked: string[];
  /** Downloads the program in another process; returns its lines and its exit code. */
  download(): Promise<{ readonly lines: readonly string[]; readonly code: number }>;
}

async function withIndex(test: (place: Place) => Promise<void>, spoil: (bytes: Uint8Array) => void = () => {}) {
  const folder = await Deno.makeTempDir({ prefix: "slomo-downloads-" }), home = join(folder, "programs");
  const wheel = await makeWheel(), sha256 = createHash("sha256").update(wheel).digest("hex"), asked: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ url, headers }) => {
    if (new URL(url).pathname === "/simple/tool/") {
      return new Response(`<a href="../../tool.whl">tool-1-py3-none-any.whl</a>`);
    }
    const range = headers.get("range"), from = Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
    asked.push(range ?? "whole");
    const bytes = wheel.slice(from);
    spoil(bytes);
    return new Response(bytes, { status: from > 0 ? 206 : 200 });
  });
  const script = `
    import { downloadPrograms } from ${JSON.stringify(import.meta.resolve("./programs.ts"))};
    const wheel = {
      project: "tool", version: "1", file: "tool-1-py3-none-any.whl",
      bytes: ${wheel.length}, sha256: "${sha256}", members: /bin/,
    };
    const program = { name: "tool", version: "1", wheel, member: "tool/bin/tool-1", path: Deno.args[0] + "/1/tool" };
    await downloadPrograms([program], Deno.args[0], (line) => console.log(line)).catch((error) => {
      console.log(error.message);
      Deno.exit(1);
    });`;
  const download = async () => {
    const config = new URL("../deno.json", import.meta.url).pathname;
    // Without a PATH there is no Python, and therefore no pip, which would keep files of its own.
    const env = { PATH: "", PIP_INDEX_URL: `http://127.0.0.1:${server.addr.port}/simple/` };
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--config", config, script, home],
      env,
      stderr: "inherit",
    }).output();
    return { lines: new TextDecoder().decode(stdout).trim().split("\n"), code };
  };
  try {
    await test({ home, wheel, asked, download });
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

Deno.test("downloadPrograms() downloads once for concurrent processes, and reports it in one line", async () => {
  await withIndex(async ({ home, asked, download }) => {
    const ended = await Promise.all([download(), download(), download()]);
    equal(ended.map(({ code }) => code), [0, 0, 0]);
    equal(asked, ["whole"]);
    const downloading = ended.flatMap(({ lines }) => lines).filter((line) => line.startsWith("slomo: downloading"));
    equal(downloading, [`slomo: downloading tool 1 (0 MB) into ${home}`]);
    equal([await names(home), await names(join(home, "1"))], [["1", "lock"], ["tool"]]);
    equal(await Deno.readFile(join(home, "1", "tool")), PROGRAM);
    if (Deno.build.os !== "windows") strictEqual((await Deno.stat(join(home, "1", "tool"))).mode! & 0o777, 0o755);
    equal(await download(), { lines: [""], code: 0 });
    equal(asked.length, 1);
  });
});

Deno.test("downloadPrograms() resumes an interrupted download, and removes files of a killed process", async () => {
  await withIndex(async ({ home, wheel, asked, download }) => {
    await Deno.mkdir(join(home, "downloads"), { recursive: true });
    await Deno.mkdir(join(home, "unpacked.partial"));
    await Deno.writeFile(join(home, "downloads", "tool-1-py3-none-any.whl.part"), wheel.slice(0, 100));
    strictEqual((await download()).code, 0);
    equal(asked, ["bytes=100-"]);
    equal(await names(home), ["1", "lock"]);
    equal(await Deno.readFile(join(home, "1", "tool")), PROGRAM);
  });
});

Deno.test("downloadPrograms() rejects a wheel with a wrong hash", async () => {
  await withIndex(async ({ home, download }) => {
    const { lines, code } = await download();
    strictEqual(code, 1);
    match(lines[1]!, /^tool-1-py3-none-any\.whl: the SHA-256 is [0-9a-f]{64}, not the expected /);
    equal(await names(home), ["downloads", "lock"]);
  }, (bytes) => bytes[40]! ^= 1);
});

Deno.test("downloadPrograms() stops when it is aborted", async () => {
  const folder = await Deno.makeTempDir({ prefix: "slomo-downloads-" }), stop = new AbortController();
  try {
    const wheel = { project: "tool", version: "1", file: "tool-1.whl", bytes: 1, sha256: "0", members: /bin/ };
    const program = { name: "tool", version: "1", wheel, member: "tool", path: join(folder, "tool") };
    await rejects(downloadPrograms([program], folder, () => stop.abort(), stop.signal), { name: "AbortError" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
