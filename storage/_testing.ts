/** A server in this process with the part of the protocol that tests need, and with failures that a real one rarely has. */
import { ObjectStorage } from "./client.ts";
import { readStorageSettings } from "./settings.ts";
import type { StorageVariable } from "./variables.ts";

/** Credentials of tests. They must not appear in messages. */
export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "AKIDSECRETID",
  AWS_SECRET_ACCESS_KEY: "hushhushsecret",
  AWS_SESSION_TOKEN: "hushhushtoken",
} as const;

/** Reads variables of an object. */
export const variables =
  (values: Readonly<Partial<Record<StorageVariable, string>>>) => (name: StorageVariable): string | undefined =>
    values[name];

/** A request that the server has received. */
export interface Received {
  /** Method, path and query. */
  readonly line: string;
  /** Its headers. */
  readonly headers: Headers;
  /** Number of bytes. */
  readonly length: number;
}

/** A storage whose server answers with a function. */
export interface FakeStorage extends AsyncDisposable {
  readonly storage: ObjectStorage;
  /** Requests so far. */
  readonly received: readonly Received[];
}

/** Opens a storage whose server answers with a function. */
export function fakeStorage(answer: (request: Received, count: number) => Response): FakeStorage {
  const received: Received[] = [];
  const onError = () => new Response(null, { status: 500 });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {}, onError }, async (request) => {
    const { pathname, search } = new URL(request.url), { length } = await request.bytes();
    received.push({ line: `${request.method} ${pathname}${search}`, headers: request.headers, length });
    return answer(received.at(-1)!, received.length);
  });
  const AWS_ENDPOINT_URL = `http://127.0.0.1:${server.addr.port}`;
  const storage = new ObjectStorage(readStorageSettings(variables({ ...CREDENTIALS, AWS_ENDPOINT_URL })));
  return { storage, received, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** An error response. */
export const errorAnswer = (status: number, code: string): Response =>
  new Response(
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>the key AKIDSECRETID of hushhushsecret</Message></Error>`,
    { status },
  );
