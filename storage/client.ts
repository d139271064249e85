import { JobError } from "@slomo/core";
import { type Attempt, codeOf, refusal, textsIn } from "./answers.ts";
import { parseObjectLocation } from "./location.ts";
import { inTime, pause, RETRIES, RETRY_AFTER, StorageRequests } from "./requests.ts";
import type { StorageSettings } from "./settings.ts";

/** An object in a list. */
export interface ListedObject {
  /** Name: the rest of its key after the listed prefix. */
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
}

/** Properties of an object. */
export interface ObjectFacts {
  /** Size in bytes. */
  readonly size: number;
  /** Entity tag, which changes with the content. */
  readonly etag: string;
  /** The mark that it was written with, if any. */
  readonly mark: string | undefined;
}

/** How to write an object. */
export interface WriteObjectOptions {
  /** Text of letters, digits and hyphens that {@linkcode ObjectFacts} returns. */
  readonly mark?: string | undefined;
  /** Stops writing. */
  readonly signal?: AbortSignal | undefined;
}

/** Part of an object to read. */
export interface ObjectRange {
  /** First byte. */
  readonly from: number;
  /** End, exclusive. */
  readonly to: number;
  /** Entity tag that the object must have. */
  readonly etag: string;
}

/** Bytes up to which a file is written in one request, and size of the parts of larger ones. */
const PART = 16 * 2 ** 20;

/** Parts of one object in progress: they are in memory. */
const PARALLEL_PARTS = 3;

/** The most parts of an object. */
const MAX_PARTS = 10_000;

const MARK = "x-amz-meta-slomo-mark";

/**
 * Reads and writes objects. A written object appears complete or not at all. Requests are signed, so that no address contains
 * credentials, and repeated for some seconds if the server does not answer.
 */
export class ObjectStorage {
  readonly #requests: StorageRequests;

  /** Uses the server and the credentials of the settings. */
  constructor(settings: StorageSettings) {
    this.#requests = new StorageRequests(settings);
  }

  /**
   * Returns the properties of an object; `undefined` if there is none.
   *
   * @throws {UsageError} If there is no such bucket.
   * @throws {JobError} If the server cannot be reached or refuses access.
   */
  async facts(location: string, signal?: AbortSignal): Promise<ObjectFacts | undefined> {
    // The response to a HEAD request would not say whether the bucket or the object is missing.
    const attempt = this.#requests.attempt(location, "read");
    const response = await this.#requests.send("GET", attempt, { headers: { range: "bytes=0-0" }, signal });
    const etag = response.headers.get("etag") ?? "", mark = response.headers.get(MARK) ?? undefined;
    if (response.status === 416) {
      await response.body?.cancel();
      return { size: 0, etag, mark };
    }
    if (!response.ok) return await absent(attempt, response);
    await response.body?.cancel();
    const total = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
    return { size: Number(total ?? response.headers.get("content-length")), etag, mark };
  }

  /**
   * Returns the text of an object; `undefined` if there is none.
   *
   * @throws {UsageError} If there is no such bucket.
   * @throws {JobError} If the server cannot be reached or refuses access.
   */
  async readText(location: string, signal?: AbortSignal): Promise<string | undefined> {
    const attempt = this.#requests.attempt(location, "read"),
      response = await this.#requests.send("GET", attempt, { signal });
    if (!response.ok) return await absent(attempt, response);
    return await inTime(() => response.text());
  }

  /**
   * Yields the bytes of a part of an object. An interrupted transfer continues where it ended.
   *
   * @throws {UsageError} If the object has changed or is missing.
   * @throws {JobError} If the server cannot be reached or refuses access.
   */
  async *read(
    location: string,
    { from, to, etag }: ObjectRange,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const attempt = this.#requests.attempt(location, "read");
    for (let at = from, failures = 0; at < to;) {
      const headers = { range: `bytes=${at}-${to - 1}`, "if-match": etag };
      const response = await this.#requests.send("GET", attempt, { headers, signal });
      if (!response.ok) throw refusal(attempt, response, await codeOf(response));
      if (response.headers.get("etag") !== etag) {
        await response.body?.cancel();
        throw refusal(attempt, { status: 412 }, "");
      }
      const reader = response.body!.getReader();
      try {
        for (;;) {
          const { done, value } = await inTime(() => reader.read());
          if (done) break;
          at += value.length;
          failures = 0;
          yield value;
        }
        if (at < to) throw new Error("the transfer ended early");
      } catch (error) {
        signal?.throwIfAborted();
        if (++failures > RETRIES) throw this.#requests.unreachable(attempt, error);
        await pause(RETRY_AFTER * 2 ** failures, signal);
      } finally {
        await reader.cancel().catch(() => {});
      }
    }
  }

  /**
   * Copies an object to a file.
   *
   * @throws {UsageError} If there is no such object.
   * @throws {JobError} If the transfer fails. The file may be incomplete.
   */
  async download(location: string, path: string, signal?: AbortSignal): Promise<void> {
    const found = await this.facts(location, signal);
    if (!found) throw refusal(this.#requests.attempt(location, "read"), { status: 404 }, "");
    using file = await Deno.open(path, { write: true, create: true, truncate: true });
    for await (const chunk of this.read(location, { from: 0, to: found.size, etag: found.etag }, signal)) {
      for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
    }
  }

  /**
   * Writes an object. An existing one is replaced.
   *
   * @throws {UsageError} If there is no such bucket.
   * @throws {JobError} If the server cannot be reached or refuses access.
   */
  async write(location: string, content: string | Uint8Array, options: WriteObjectOptions = {}): Promise<void> {
    const attempt = this.#requests.attempt(location, "write"), response = await this.#put(attempt, content, options);
    if (!response.ok) throw refusal(attempt, response, await codeOf(response));
    await response.body?.cancel();
  }

  /**
   * Writes an object unless there is one.
   *
   * @returns Whether it was written. A server without conditional requests replaces an existing object.
   */
  async writeNew(location: string, content: string, options: WriteObjectOptions = {}): Promise<boolean> {
    const attempt = this.#requests.attempt(location, "write");
    const response = await this.#put(attempt, content, options, { "if-none-match": "*" });
    if (response.status === 412 || response.status === 409) {
      await response.body?.cancel();
      return false;
    }
    if (response.status === 501) {
      await response.body?.cancel();
      await this.write(location, content, options);
      return true;
    }
    if (!response.ok) throw refusal(attempt, response, await codeOf(response));
    await response.body?.cancel();
    return true;
  }

  /**
   * Copies a file to an object, which appears when it is complete. Large files are written with a multipart upload.
   *
   * @throws {JobError} If the transfer fails. Nothing is left then, unless the server cannot be reached.
   */
  async upload(location: string, path: string, { mark, signal }: WriteObjectOptions = {}): Promise<void> {
    const { size } = await Deno.stat(path);
    if (size <= PART) return await this.write(location, await Deno.readFile(path), { mark, signal });
    const attempt = this.#requests.attempt(location, "write"), part = Math.max(PART, Math.ceil(size / MAX_PARTS));
    const headers = markHeaders(mark);
    const begun = await this.#requests.send("POST", attempt, { query: { uploads: "" }, headers, signal });
    if (!begun.ok) throw refusal(attempt, begun, await codeOf(begun));
    const uploadId = textsIn(await begun.text(), "UploadId")[0] ?? "";
    try {
      const tags: string[] = [];
      let next = 0;
      const stop = new AbortController(), both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
      const work = async () => {
        for (let number = next++; number * part < size; number = next++) {
          const body = await readPart(path, number * part, Math.min(part, size - number * part));
          const query = { partNumber: `${number + 1}`, uploadId };
          const sent = await this.#requests.send("PUT", attempt, { query, body, signal: both });
          if (!sent.ok) throw refusal(attempt, sent, await codeOf(sent));
          await sent.body?.cancel();
          tags[number] = sent.headers.get("etag") ?? "";
        }
      };
      await Promise.all(Array.from({ length: PARALLEL_PARTS }, () =>
        work().catch((error) => {
          stop.abort(error);
          throw error;
        })));
      await this.#complete(attempt, { uploadId, tags, size, mark, signal });
    } catch (error) {
      await this.#requests.send("DELETE", attempt, { query: { uploadId } }).then((end) => end.body?.cancel()).catch(
        () => {},
      );
      throw error;
    }
  }

  /**
   * Returns the objects whose keys begin with a location and a slash, in the order of their names.
   *
   * @param start Text that their names must begin with.
   * @throws {UsageError} If there is no such bucket.
   * @throws {JobError} If the server cannot be reached or refuses access.
   */
  async list(location: string, start: string, signal?: AbortSignal): Promise<ListedObject[]> {
    const attempt = this.#requests.attempt(location, "list"), { bucket, key } = parseObjectLocation(location);
    const prefix = key === "" ? "" : `${key}/`, listed: ListedObject[] = [];
    let token: string | undefined;
    do {
      const query = { "list-type": "2", prefix: `${prefix}${start}`, ...token && { "continuation-token": token } };
      const response = await this.#requests.send("GET", { ...attempt, location: `s3://${bucket}` }, { query, signal });
      if (!response.ok) throw refusal(attempt, response, await codeOf(response));
      const xml = await inTime(() => response.text());
      for (const [, entry] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const [key] = textsIn(entry!, "Key"), [size] = textsIn(entry!, "Size");
        listed.push({ name: key!.slice(prefix.length), size: Number(size) });
      }
      token = textsIn(xml, "IsTruncated")[0] === "true" ? textsIn(xml, "NextContinuationToken")[0] : undefined;
    } while (token);
    return listed;
  }

  /** Removes an object if there is one. @throws {JobError} If the server cannot be reached or refuses access. */
  async remove(location: string, signal?: AbortSignal): Promise<void> {
    const attempt = this.#requests.attempt(location, "remove"),
      response = await this.#requests.send("DELETE", attempt, { signal });
    if (!response.ok && response.status !== 404) throw refusal(attempt, response, await codeOf(response));
    await response.body?.cancel();
  }

  async #complete(
    attempt: Attempt,
    { uploadId, tags, size, mark, signal }: WriteObjectOptions & {
      readonly uploadId: string;
      readonly tags: readonly string[];
      readonly size: number;
    },
  ): Promise<void> {
    const parts = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join("");
    const body = new TextEncoder().encode(`<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`);
    const headers = { "content-type": "application/xml" };
    const response = await this.#requests.send("POST", attempt, { query: { uploadId }, body, headers, signal });
    // The status is sent before the parts are joined, so that an error may follow it.
    const text = await inTime(() => response.text());
    const code = /<Error>/.test(text) ? textsIn(text, "Code")[0] ?? "" : "";
    if (response.ok && code === "") return;
    if (code === "NoSuchUpload") {
      // The response to an earlier attempt was lost.
      const found = await this.facts(attempt.location, signal);
      if (found?.size === size && found.mark === mark) return;
    }
    throw refusal(attempt, response.ok ? { status: 500 } : response, code);
  }

  async #put(
    attempt: Attempt,
    content: string | Uint8Array,
    { mark, signal }: WriteObjectOptions,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const body = typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
    return await this.#requests.send("PUT", attempt, { body, headers: { ...headers, ...markHeaders(mark) }, signal });
  }
}

const markHeaders = (mark: string | undefined): Record<string, string> => mark === undefined ? {} : { [MARK]: mark };

async function readPart(path: string, at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(path);
  await file.seek(at, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = await file.read(bytes.subarray(done));
    if (count === null) throw new JobError(`${path}: cannot read the file: it was truncated`);
    done += count;
  }
  return bytes;
}

/** Returns `undefined` if a response says that there is no such object. @throws {Error} For other responses. */
async function absent(attempt: Attempt, response: Response): Promise<undefined> {
  const code = await codeOf(response);
  if (response.status !== 404 || code === "NoSuchBucket") throw refusal(attempt, response, code);
}
