/** Files for the browser's players and downloads, in ranges. */

/** Media types that players know. Others are only downloaded, so that no file can act as a page. */
const TYPES: Readonly<Record<string, string>> = {
  mp4: "video/mp4",
  m4v: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
  mkv: "video/x-matroska",
  gif: "image/gif",
  ogv: "video/ogg",
};

/** Parses a range of bytes; `undefined` for the whole file, `null` if it is outside of it. */
function rangeIn(header: string | undefined, size: number): readonly [number, number] | undefined | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || first + last === "") return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return start <= end ? [start, end] : null;
}

/**
 * Returns a file as a response.
 *
 * @param path Its path, which has been checked.
 * @param name Its name for a download.
 */
export async function fileResponse(
  path: string,
  { name, range, download }: { readonly name: string; readonly range: string | undefined; readonly download: boolean },
): Promise<Response> {
  const file = await Deno.open(path), { size } = await file.stat();
  const type = TYPES[/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ""], part = rangeIn(range, size);
  const headers: Record<string, string> = {
    "content-type": type ?? "application/octet-stream",
    "accept-ranges": "bytes",
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, no-cache",
  };
  if (download || !type) {
    headers["content-disposition"] = `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", "%27")}`;
  }
  if (part === null) {
    file.close();
    return new Response(null, { status: 416, headers: { ...headers, "content-range": `bytes */${size}` } });
  }
  const [start, end] = part ?? [0, size - 1], length = end - start + 1;
  await file.seek(start, Deno.SeekMode.Start);
  let left = length;
  const limited = file.readable.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        controller.enqueue(chunk.length <= left ? chunk : chunk.subarray(0, left));
        left -= chunk.length;
        if (left <= 0) controller.terminate();
      },
    }),
  );
  headers["content-length"] = `${Math.max(0, length)}`;
  if (part) headers["content-range"] = `bytes ${start}-${end}/${size}`;
  return new Response(limited, { status: part ? 206 : 200, headers });
}
