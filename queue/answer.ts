import { pause, unlessAborted } from "@slomo/core/video";

/** Milliseconds without an answer after which a server counts as lost. */
const PATIENCE = 3000;

/** Milliseconds between two requests to a server that is lost. */
const ASK_EVERY = 1000;

/** Codes of connections that Node cannot open or loses, and those of PostgreSQL for a server that starts, stops or is full. */
const LOST_CODES = /^(E(?!RR_)[A-Z_]+|08[\dA-Z]{3}|57P0[1-3]|53300)$/;

/** Messages of clients for a lost connection, which have no code. */
const LOST_MESSAGES = /^(Connection (terminated|is closed)|timeout exceeded when trying to connect|.* not queryable)/;

/** Returns whether a request failed because the server could not be reached: it may succeed later. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" && LOST_CODES.test(code) || LOST_MESSAGES.test(error.message);
}

/**
 * Sends a request to a server until it is answered.
 *
 * @param signal Stops waiting.
 * @param onSilent Called when the server does not answer, perhaps several times.
 * @throws The reason of the signal, or an error of the request that is not one of the connection.
 */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  onSilent: () => void,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const timer = setTimeout(onSilent, PATIENCE);
    try {
      return await unlessAborted(ask(), signal);
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      onSilent();
    } finally {
      clearTimeout(timer);
    }
    await pause(ASK_EVERY, signal);
  }
}

/**
 * Waits for the end of some work that needs a server, unless the server does not answer.
 *
 * @param ask A request to the server.
 * @returns Whether the work has ended.
 */
export async function whileAnswered(work: Promise<unknown>, ask: () => Promise<unknown>): Promise<boolean> {
  const ended = new AbortController(), lost = new AbortController();
  const asking = (async () => {
    for (;;) {
      await untilAnswered(ask, AbortSignal.any([ended.signal, lost.signal]), () => lost.abort());
      await pause(ASK_EVERY, ended.signal);
    }
  })().catch(() => {});
  try {
    return await unlessAborted(work.then(() => true), lost.signal);
  } catch (error) {
    if (lost.signal.aborted) return false;
    throw error;
  } finally {
    ended.abort();
    await asking;
  }
}
