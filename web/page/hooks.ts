/** Hooks that several views use. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { frameUrl } from "./api.ts";

/** Data that a view shows. */
export interface Loaded<T> {
  /** The data; `undefined` until it is there. */
  readonly value: T | undefined;
  /** Why it cannot be loaded; empty otherwise. */
  readonly problem: string;
  /** Loads it again. */
  readonly retry: () => void;
}

/**
 * Loads data, and loads it again when an input changes.
 *
 * @param load Loads the data; `undefined` as long as that is not possible, which keeps earlier data.
 */
export function useLoaded<T>(load: (() => Promise<T>) | undefined, inputs: readonly unknown[]): Loaded<T> {
  const found = useSignal<T | undefined>(undefined), problem = useSignal(""), attempt = useSignal(0);
  useEffect(() => {
    if (!load) return;
    let isCurrent = true;
    [found.value, problem.value] = [undefined, ""];
    load().then(
      (value) => isCurrent && (found.value = value),
      (error: Error) => isCurrent && (problem.value = error.message),
    );
    return () => {
      isCurrent = false;
    };
  }, [...inputs, attempt.value]);
  return { value: found.value, problem: problem.value, retry: () => attempt.value++ };
}

/** Milliseconds after the last change of the time until a frame is fetched. */
const PAUSE = 100;

/** Returns the address of the frame at a time; while the time changes, that of an earlier one. */
export function useFrameUrl(id: string, time: number): string {
  const url = frameUrl(id, time), settled = useSignal(url);
  useEffect(() => {
    const timer = setTimeout(() => settled.value = url, PAUSE);
    return () => clearTimeout(timer);
  }, [url]);
  return settled.value;
}
