import { JobError, UsageError } from "@slomo/core";
import type { JobSummary, Slomo } from "@slomo/slomo";
import { createFolder } from "@slomo/core/files";
import { basename, join } from "@std/path";
import { explain, type TaskIo } from "../_cli.ts";
import { planBatch } from "./batch.ts";
import { interpolateVideo } from "./video.ts";
import { type Batch, INTERPOLATE, type InterpolateCommand, type Target } from "./options.ts";
import { clock, createReporter } from "./reporter.ts";

/** Result of one video of a batch. */
export type BatchResult =
  & Target
  & (
    | { readonly state: "done"; readonly seconds: number; readonly summary: JobSummary | undefined }
    | { readonly state: "skipped" }
    | { readonly state: "failed"; readonly seconds: number; readonly message: string }
  );

const exists = (path: string) => Deno.lstat(path).then(() => true, () => false);

/** Returns one line per video, and the number of videos by result. */
export function batchTable(results: readonly BatchResult[]): string {
  const rows = results.map((result): readonly string[] => {
    if (result.state === "skipped") return [result.input, "skipped", "", "", result.output];
    const took = clock(result.seconds);
    if (result.state === "failed") return [result.input, "failed", "", took, result.message];
    const frames = result.summary ? `${result.summary.written}` : "";
    return [result.input, result.summary ? "done" : "planned", frames, took, result.output];
  });
  const table = [["video", "", "frames", "time", "result"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row.map((cell, column) =>
      column === 2 || column === 3 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column] ?? 0)
    )
      .join("  ").trimEnd()
  );
  return lines.join("\n");
}

/** @throws {UsageError} If an output exists that may neither be replaced nor skipped. */
async function checkOutputs(targets: readonly Target[], command: InterpolateCommand): Promise<void> {
  const { overwrite, resume } = command.options;
  if (overwrite || resume) return;
  for (const { output } of targets) {
    if (!await exists(output)) continue;
    throw new UsageError(
      `${output} exists; set \`overwrite\` to replace it or \`resume\` to skip it, or give another \`out\``,
      { code: "output-exists", option: "overwrite" },
    );
  }
}

/** Creates the folder of a batch. A plan needs it too, but writes nothing: a new folder is then removed again. */
async function openFolder(folder: string, isPlan: boolean): Promise<AsyncDisposable> {
  const isNew = !await exists(folder);
  await createFolder(folder, "out");
  return {
    async [Symbol.asyncDispose]() {
      if (isPlan && isNew) await Deno.remove(folder).catch(() => {});
    },
  };
}

/**
 * Converts the videos of a batch in turn; a failure does not stop the others. Prints a summary at the end.
 *
 * @throws {UsageError} If the options do not allow to write the videos, before any work.
 * @throws {JobError} At the end, if a video failed.
 */
export async function runBatch(
  batch: Batch,
  { command, slomo, io }: {
    readonly command: InterpolateCommand;
    readonly slomo: Slomo;
    readonly io: TaskIo;
  },
): Promise<void> {
  const targets = await planBatch(batch, slomo.media), report = createReporter(command.options, io);
  await checkOutputs(targets, command);
  await using _folder = await openFolder(batch.out, command.options.plan === true);
  const results: BatchResult[] = [];
  for (const [index, target] of targets.entries()) {
    io.signal.throwIfAborted();
    report.note(`${index + 1}/${targets.length} ${target.input}`);
    report.fact({ type: "video", index, total: targets.length, ...target });
    const begun = performance.now(), seconds = () => (performance.now() - begun) / 1000;
    if (command.options.resume && !command.options.overwrite && await exists(target.output)) {
      results.push({ ...target, state: "skipped" });
      continue;
    }
    const flowOut = command.options.flowOut && join(command.options.flowOut, basename(target.output));
    try {
      const summary = await interpolateVideo(target, { command, slomo, flowOut, io });
      results.push({ ...target, state: "done", seconds: seconds(), summary });
    } catch (error) {
      io.signal.throwIfAborted();
      await slomo.checkModel();
      const { message } = explain(error, INTERPOLATE.options);
      report.warn(message);
      results.push({ ...target, state: "failed", seconds: seconds(), message });
    }
  }
  for (const { state, input, output, ...rest } of results) {
    report.fact({ type: "result", state, input, output, ...("message" in rest && { message: rest.message }) });
  }
  report.note(batchTable(results));
  const failed = results.filter(({ state }) => state === "failed").length;
  if (failed > 0) throw new JobError(`${failed} of ${results.length} videos failed`);
}
