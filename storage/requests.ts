/** Signed requests, which are repeated if the server does not answer. */
import { JobError, reasonOf } from "@slomo/core";
import { AwsClient } from "aws4fetch";
import type { Attempt } from "./answers.ts";
import { parseObjectLocation } from "./location.ts";
import type { StorageSettings } from "./settings.ts";

/** Retries of a request. */
export const RETRIES = 6;

/** Retries until the server has answered for the first time. */
const FIRST_RETRIES = 2;

/** Milliseconds before the first retry; they double with each. */
export const RETRY_AFTER = 250;

/** Milliseconds without a response, or without the next bytes of one, after which a request is repeated. */
const PATIENCE = 60_000;

/** Waits for a time, or rejects when the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds), stop = () => reject(signal!.reason);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** Bytes per millisecond that a connection has at least. */
const SLOWEST = 50;

/**
 * Runs a step, and rejects when it takes too long; the signal that it receives aborts then.
 *
 * @param bytes Bytes that are sent.
 */
export async function inTime<T>(step: (late: AbortSignal) => Promise<T>, bytes = 0): Promise<T> {
  const late = new AbortController(), { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`no answer for ${PATIENCE / 1000} s or longer`);
    reject(error);
    late.abort(error);
  }, PATIENCE + bytes / SLOWEST);
  try {
    return await Promise.race([step(late.signal), promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Encodes a key for a path. */
const encodeKey = (key: string) =>
  key.split("/").map((part) =>
    encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  ).join("/");

const hex = (bytes: ArrayBuffer) => new Uint8Array(bytes).toHex();

/** Further parts of a request. */
interface RequestOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal | undefined;
}

/** Sends requests to the server of a storage. */
export class StorageRequests {
  readonly #signer: AwsClient;
  readonly #settings: StorageSettings;
  #hasAnswered = false;

  /** Uses the server and the credentials of the settings. */
  constructor(settings: StorageSettings) {
    const { accessKeyId, secretAccessKey, sessionToken, region } = settings;
    const token = sessionToken === undefined ? {} : { sessionToken };
    this.#signer = new AwsClient({ accessKeyId, secretAccessKey, ...token, region, service: "s3" });
    this.#settings = settings;
  }

  /** Describes an action, for messages. */
  attempt(location: string, action: string): Attempt {
    return { location, action, host: this.#settings.host };
  }

  /** Returns the error for a server that does not answer. */
  unreachable({ location, action, host }: Attempt, error: unknown): JobError {
    const failure = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
    // The reason of a failed request begins with its address.
    const reason = reasonOf(failure).replace(/^error sending request .*?client error \(\w+\): (\w+ \w+ error: )?/, "")
      .replace(/ \(os error \d+\)$/, "");
    return new JobError(
      `${location}: cannot ${action} the object: no connection to ${host}: ${reason}; check AWS_ENDPOINT_URL, and that the ` +
        "server runs",
    );
  }

  /** Sends a request, and repeats it if there is no response, or the server is overloaded. */
  async send(
    method: string,
    attempt: Attempt,
    { query = {}, headers = {}, body, signal }: RequestOptions,
  ): Promise<Response> {
    const { bucket, key } = parseObjectLocation(attempt.location), { endpoint } = this.#settings;
    const url = new URL(`${endpoint}/${bucket}${key === "" ? "" : `/${encodeKey(key)}`}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const hash = body && { "x-amz-content-sha256": hex(await crypto.subtle.digest("SHA-256", body)) };
    const init = { method, headers: { ...headers, ...hash }, ...body && { body }, redirect: "manual" } as const;
    for (let failures = 1;; failures++) {
      let error: unknown;
      try {
        const request = await this.#signer.sign(url, init);
        const response = await inTime(
          (late) => fetch(request, { signal: signal ? AbortSignal.any([signal, late]) : late }),
          body?.length,
        );
        this.#hasAnswered = true;
        const isBusy = response.status === 429 || response.status >= 500 && response.status !== 501;
        if (!isBusy || failures > RETRIES) return response;
        await response.body?.cancel();
      } catch (thrown) {
        signal?.throwIfAborted();
        error = thrown;
      }
      if (error !== undefined && failures > (this.#hasAnswered ? RETRIES : FIRST_RETRIES)) {
        throw this.unreachable(attempt, error);
      }
      await pause(RETRY_AFTER * 2 ** (failures - 1), signal);
    }
  }
}
