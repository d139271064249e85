/** The page as one script: bundled from its sources when the server starts, and kept. */
import { JobError } from "@slomo/core";
import { sha256 } from "@slomo/core/files";
import { fromFileUrl } from "@std/path";

/** A file of the page. */
export interface Asset {
  /** Path on the server, which changes with the content. */
  readonly path: string;
  /** Media type. */
  readonly type: string;
  /** The content, compressed with gzip. */
  readonly gzip: Uint8Array<ArrayBuffer>;
}

/** The files of the page. */
export interface Page {
  /** The document. */
  readonly html: string;
  /** Script and style sheet. */
  readonly assets: readonly Asset[];
}

const ENTRY = new URL("../page/main.tsx", import.meta.url), STYLE = new URL("../page/style.css", import.meta.url);

async function compressed(content: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function asset(name: string, type: string, content: Uint8Array<ArrayBuffer>): Promise<Asset> {
  const hash = (await sha256(content)).slice(0, 16);
  return { path: `/assets/${hash}/${name}`, type, gzip: await compressed(content) };
}

async function script(): Promise<Uint8Array<ArrayBuffer>> {
  const entry = ENTRY.protocol === "file:" ? fromFileUrl(ENTRY) : ENTRY.href;
  const { outputFiles = [], errors } = await Deno.bundle({
    entrypoints: [entry],
    platform: "browser",
    minify: true,
    write: false,
  });
  const content = outputFiles[0]?.contents;
  if (content) return new Uint8Array(content);
  throw new JobError(`web: cannot bundle the page: ${errors[0]?.text ?? "there is no output"}`);
}

let page: Promise<Page> | undefined;

async function build(): Promise<Page> {
  const style = new Uint8Array(await (await fetch(STYLE)).arrayBuffer());
  const [js, css] = await Promise.all([
    script().then((content) => asset("app.js", "text/javascript; charset=utf-8", content)),
    asset("style.css", "text/css; charset=utf-8", style),
  ]);
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>slomo</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,"><link rel="stylesheet" href="${css.path}">
<script type="module" src="${js.path}"></script></head>
<body><div id="app"></div>
<noscript>This page needs JavaScript.</noscript></body></html>`;
  return { html, assets: [js, css, { ...css, path: "/assets/style.css" }] };
}

/** Returns the page; it is built at the first call. */
export function buildPage(): Promise<Page> {
  return page ??= build();
}
