/** Calls to the server, and the streams that it sends. */
import { hc } from "hono/client";
import type { Api } from "../server/routes.ts";
import type { Clip, Problem } from "../shared/types.ts";
import { connection } from "./state.ts";

/** The routes of the server, by their types. */
export const client = hc<Api>(location.origin);

/** An error that the server reports. */
export class ServerError extends Error {
  /** The option that is wrong. */
  readonly option: string | undefined;

  /** Creates it. */
  constructor({ message, option }: Problem) {
    super(message);
    this.option = option;
  }
}

/** Returns the JSON of a response. @throws {ServerError} If it reports an error. */
export async function read<T>(
  response: Promise<{ readonly ok: boolean; json(): Promise<T>; readonly status: number }>,
): Promise<T> {
  const answer = await response.catch(() => {
    throw new ServerError({ message: "the server does not answer; is “deno task web” still running?" });
  });
  if (answer.ok) return await answer.json();
  if (answer.status === 401) connection.value = "ended";
  const { error } = await answer.json().catch(() => ({ error: undefined })) as { readonly error?: Problem };
  throw new ServerError(error ?? { message: `the server answers with status ${answer.status}` });
}

/** Returns the facts about a clip. */
export async function readClip(id: string): Promise<Clip> {
  return await read(client.api.clip.$get({ query: { id } })) as Clip;
}

/** Listens to a stream of events until the returned function is called. */
export function listen<T>(url: string, onData: (data: T) => void, onError: (message: string) => void): () => void {
  const source = new EventSource(url);
  source.onmessage = ({ data }) => onData(JSON.parse(data));
  source.addEventListener("problem", (event) => {
    source.close();
    onError((event as MessageEvent<string>).data);
  });
  source.onerror = () => {
    source.close();
    onError("the connection was lost");
  };
  return () => source.close();
}

/** An upload in progress. */
export interface Upload {
  /** Ends with the identity of the file. */
  readonly done: Promise<string>;
  /** Stops it; nothing is kept. */
  readonly cancel: () => void;
}

/** Uploads a file. `fetch` reports no progress of uploads. */
export function upload(file: File, onProgress: (share: number) => void): Upload {
  const request = new XMLHttpRequest(), { promise, resolve, reject } = Promise.withResolvers<string>();
  request.open("PUT", `/api/uploads/${encodeURIComponent(file.name)}`);
  request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 1);
  request.onload = () => {
    let answer: { readonly id?: string; readonly error?: Problem } = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      // The status tells enough.
    }
    if (answer.id !== undefined) resolve(answer.id);
    else reject(new ServerError(answer.error ?? { message: `the server answers with status ${request.status}` }));
  };
  request.onerror = () => reject(new ServerError({ message: "the upload was interrupted" }));
  request.onabort = () => reject(new ServerError({ message: "the upload was canceled" }));
  request.send(file);
  return { done: promise, cancel: () => request.abort() };
}

/** Saves a text as a file of the browser's downloads. */
export function save(name: string, text: string): void {
  const link = document.createElement("a"), url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  [link.href, link.download] = [url, name];
  link.click();
  URL.revokeObjectURL(url);
}

/** Returns the address of a file for players and downloads. */
export function mediaUrl(id: string, download = false): string {
  return `/media?${download ? "download&" : ""}id=${encodeURIComponent(id)}`;
}

/** Returns the address of a small image of a clip, for the timeline. */
export function thumbnailUrl(id: string, index: number): string {
  return `/api/thumbnail?id=${encodeURIComponent(id)}&index=${index}`;
}

/** Returns the address of a frame as an image. */
export function frameUrl(id: string, time: number): string {
  return `/api/frame?id=${encodeURIComponent(id)}&time=${Math.max(0, time).toFixed(4)}`;
}
