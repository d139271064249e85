import defer * as progress from "cli-progress";
import { type JobEvent, type JobSummary, Pace, type Progress } from "@slomo/core/video";
import type { TaskIo } from "../_cli.ts";
import { withFlags } from "../_options.ts";
import { INTERPOLATE } from "./options.ts";

/** Reports the progress of a job to people or programs. */
export interface Reporter {
  /** Reports a sentence for people, unless `quiet`. */
  note(message: string): void;
  /** Reports a sentence in any case. */
  warn(message: string): void;
  /** Reports a fact for programs. */
  fact(fact: { readonly type: string } & Record<string, unknown>): void;
  /** Reports an event of the job. */
  event(event: JobEvent): void;
  /** Removes the progress bar at the end of the job. */
  close(): void;
}

/** Milliseconds between two lines without a terminal. */
const LINE_EVERY = 5000;

/** Formats seconds as `h:mm:ss` or `m:ss`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds)), two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60, hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Returns why a job interpolated no frame. */
function reasonForNone({ read, written, cuts, duplicates }: JobSummary): string {
  if (read <= 1) return "the source has one frame";
  if (written <= read) return "the output has no more frames than the source";
  if (cuts >= read - 1) return "each source frame is a new shot; --no-cuts interpolates across cuts";
  if (duplicates + cuts >= read - 1) return "the content stays the same within each shot";
  return "scene cuts, and content that stays the same for more than a third of a second, are not interpolated";
}

/** Returns the result of a job in one line. */
export function summaryText(output: string, summary: JobSummary): string {
  const { written, interpolated, cuts, duplicates } = summary;
  const repeated = duplicates > 0 ? `, ${duplicates} duplicate source frames` : "";
  const none = interpolated === 0 ? ` (${reasonForNone(summary)})` : "";
  return `${output}: ${written} frames, ${interpolated} of them interpolated${none}, ${cuts} scene ${
    cuts === 1 ? "cut" : "cuts"
  }${repeated}`;
}

const flags = (message: string) => withFlags(message, INTERPOLATE.options);

const bigints = (_: string, value: unknown) => typeof value === "bigint" ? Number(value) : value;

/** Creates a reporter that writes to standard error and, if requested, lines of JSON to standard output. */
export function createReporter(
  { json, quiet }: { readonly json: boolean; readonly quiet: boolean },
  { out, err, isTerminal }: Pick<TaskIo, "out" | "err" | "isTerminal">,
): Reporter {
  const begun = performance.now(), print = (fact: Record<string, unknown>) => out(JSON.stringify(fact, bigints));
  const bar = isTerminal && !quiet
    ? new progress.default.SingleBar({
      format: "{bar} {percentage}% | {value}/{total} frames | {rate} frames/s | {left} left",
      hideCursor: true,
      clearOnComplete: false,
      stopOnComplete: false,
      gracefulExit: false,
    }, progress.default.Presets.shades_classic)
    : undefined;
  const pace = new Pace();
  let isShown = false, lastLine = begun;

  function say(message: string) {
    if (isShown && bar) bar.stop();
    isShown = false;
    err(message);
  }

  function frame(state: Progress) {
    const { done, total } = state, estimate = pace.after(state, performance.now() / 1000);
    // A video that waits has a rate of 0, and no remaining time.
    const rate = estimate?.rate, left = estimate && estimate.rate > 0 ? estimate.left : undefined;
    const shown = { rate: rate?.toFixed(1) ?? "?", left: left === undefined ? "?" : clock(left) };
    if (json) {
      const fps = rate && Number(rate.toFixed(3)), secondsLeft = left === undefined ? null : Math.round(left);
      print({ type: "frame", done, total, fps, secondsLeft });
    }
    if (quiet) return;
    if (bar) {
      const end = Math.max(total ?? done, done);
      if (isShown) {
        bar.setTotal(end);
        bar.update(done, shown);
      } else bar.start(end, done, shown);
      isShown = true;
    } else if (performance.now() - lastLine > LINE_EVERY || done === total) {
      lastLine = performance.now();
      const speed = estimate ? `, ${shown.rate} frames/s${left === undefined ? "" : `, ${shown.left} left`}` : "";
      err(`${done}/${total ?? "?"} frames${speed}`);
    }
  }

  return {
    note: (message) => quiet ? undefined : say(flags(message)),
    warn(text) {
      const message = flags(text);
      say(`slomo: warning: ${message}`);
      if (json) print({ type: "warning", message });
    },
    fact: (fact) => json ? print(fact) : undefined,
    event(event) {
      if (event.type === "frame") frame(event);
      else if (event.type === "warning") this.warn(event.message);
      else {
        this.note(event.message);
        this.fact({ ...event });
      }
    },
    close() {
      if (isShown && bar) bar.stop();
      isShown = false;
    },
  };
}
