/** State that all views share. */
import { computed, effect, signal } from "@preact/signals";
import { without } from "../shared/curve.ts";
import { type AppState, isEnded, type Job, type Settings } from "../shared/types.ts";

/** State of the server; `undefined` until it answers. */
export const app = signal<AppState | undefined>(undefined);

/** Whether the server is there, and whether the cookie is still valid. */
export const connection = signal<"open" | "lost" | "ended">("open");

/** Jobs of the queue; `undefined` until the first report. */
export const jobs = signal<readonly Job[] | undefined>(undefined);

/** Number of jobs that are not over. */
export const active = computed(() => (jobs.value ?? []).filter(({ state }) => !isEnded(state)).length);

/** A sentence for screen readers. */
export const said = signal("");

/** Tells screen readers a sentence. */
export function say(sentence: string): void {
  said.value = sentence;
}

/** Copies a text, and tells whether that worked. */
export function copy(text: string): void {
  navigator.clipboard.writeText(text).then(() => say("Copied"), () => say("Copying is not permitted"));
}

/** A view and what it shows. */
export interface Route {
  /** Name of the view. */
  readonly view: "open" | "clip" | "queue" | "compare";
  /** Folder, file or job. */
  readonly id: string;
}

function routeOf(hash: string): Route {
  const [, view = "", id = ""] = /^#\/([a-z]*)\/?(.*)$/.exec(hash) ?? [];
  const known = view === "clip" || view === "queue" || view === "compare" ? view : "open";
  return { view: known, id: decodeURIComponent(id) };
}

/** The view that is shown. */
export const route = signal<Route>(routeOf(location.hash));

/** Returns the address of a view. */
export function linkTo(view: Route["view"], id = ""): string {
  return `#/${view}${id && `/${encodeURIComponent(id)}`}`;
}

/** Returns the folder of a file, both as of `Entry`. */
export function folderOf(id: string): string {
  return id.replace(/\/[^/]*$/, "");
}

let hasMoved = false;

/** Gives a new view's heading the focus, so that keyboard and screen reader continue there. */
export function focusHeading(heading: HTMLElement | null): void {
  if (hasMoved && document.activeElement === document.body) heading?.focus({ preventScroll: true });
}

globalThis.addEventListener("hashchange", () => {
  route.value = routeOf(location.hash);
  hasMoved = true;
  scrollTo(0, 0);
  (document.activeElement as HTMLElement | null)?.blur();
});

const KEPT = "slomo-settings";

function keptSettings(): Settings {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Settings;
  } catch {
    return {};
  }
}

/** Settings of the form, kept from visit to visit. */
export const settings = signal<Settings>(keptSettings());

effect(() => localStorage.setItem(KEPT, JSON.stringify(settings.value)));

/** Sets or clears one setting. Slow ranges replace the keyframes of a curve. */
export function setSetting(name: string, value: string | boolean | undefined): void {
  const isRange = name === "slow" || name === "ease";
  const others = without(settings.value, isRange ? [name, "retime"] : [name]);
  settings.value = value === undefined || value === "" ? others : { ...others, [name]: value };
}

const KEPT_FOR = "slomo-settings-of";

/** Removes settings with times of another video. */
export function settleFor(clip: string): void {
  if (localStorage.getItem(KEPT_FOR) === clip) return;
  localStorage.setItem(KEPT_FOR, clip);
  settings.value = without(settings.value, ["start", "end", "slow", "ease", "retime"]);
}
