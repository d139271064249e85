import { registerServed } from "@slomo/core/files";
import { basename } from "@std/path";
import type { ObjectFacts, ObjectStorage } from "./client.ts";

/** An object that ffmpeg reads over HTTP from this process. */
export interface ObjectRelay extends AsyncDisposable {
  /** Its address on this machine. Only this process and the programs that it starts know it. */
  readonly url: string;
  /** Aborts when the object cannot be read, with the reason. ffmpeg takes that for the end of the file. */
  readonly failed: AbortSignal;
  /** Forgets an earlier failure. */
  reset(): void;
}

/** Returns the range of a request: `bytes=FROM-` or `bytes=FROM-LAST`; `undefined` if there is none. */
function rangeOf(header: string | null, size: number): { readonly from: number; readonly to: number } | undefined {
  const [, from, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === undefined) return undefined;
  return { from: Number(from), to: last ? Math.min(size, Number(last) + 1) : size };
}

/**
 * Serves an object on this machine, so that ffmpeg can read parts of it without credentials: the relay signs the requests,
 * repeats those that fail, and accepts only the object that has the same entity tag. Its memory does not depend on the size of
 * the object.
 *
 * @param facts The properties that the object must have.
 */
export function openRelay(storage: ObjectStorage, location: string, { size, etag }: ObjectFacts): ObjectRelay {
  const path = `/${crypto.randomUUID()}/${encodeURIComponent(basename(location))}`, closed = new AbortController();
  let failure = new AbortController();
  const body = (from: number, to: number) => {
    const stop = new AbortController();
    const chunks = storage.read(location, { from, to, etag }, AbortSignal.any([stop.signal, closed.signal]));
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          if (!stop.signal.aborted && !closed.signal.aborted) failure.abort(error);
          controller.error(error);
        }
      },
      cancel: () => stop.abort(),
    }, { highWaterMark: 0 });
  };
  const answer = (request: Request): Response => {
    if (new URL(request.url).pathname !== path) return new Response(null, { status: 404 });
    const range = rangeOf(request.headers.get("range"), size), { from, to } = range ?? { from: 0, to: size };
    if (from >= size) return new Response(null, { status: 416, headers: { "content-range": `bytes */${size}` } });
    const headers = {
      "accept-ranges": "bytes",
      "content-length": `${to - from}`,
      ...range && { "content-range": `bytes ${from}-${to - 1}/${size}` },
    };
    return new Response(request.method === "HEAD" ? null : body(from, to), { status: range ? 206 : 200, headers });
  };
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: closed.signal,
    onListen: () => {},
    onError: () => new Response(null, { status: 500 }),
  }, answer);
  const url = `http://127.0.0.1:${server.addr.port}${path}`, registered = registerServed(url, `${size} bytes, ${etag}`);
  return {
    url,
    get failed() {
      return failure.signal;
    },
    reset() {
      if (failure.signal.aborted) failure = new AbortController();
    },
    async [Symbol.asyncDispose]() {
      registered[Symbol.dispose]();
      closed.abort();
      await server.finished;
    },
  };
}
