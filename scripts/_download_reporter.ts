import type { Reporter } from "@slomo/downloads/wheels";

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/**
 * Creates a reporter that writes to stdout. It updates the progress of a download in place on a terminal, and otherwise prints a
 * line for each tenth.
 *
 * @param say Shows a line.
 */
export function createReporter(
  terminal: boolean = Deno.stdout.isTerminal(),
  say: (line: string) => void = console.log,
): Reporter {
  let tenth = 0, startedAt = 0, startBytes = 0;
  return {
    say,
    showPip: true,
    progress: (file, done, total) => {
      if (startedAt === 0 || done < startBytes) {
        [startedAt, startBytes, tenth] = [Date.now(), done, Math.floor(done / total * 10)];
      }
      const seconds = (Date.now() - startedAt) / 1000, rate = seconds > 0 ? (done - startBytes) / seconds : 0;
      const line = `${file}: ${megabytes(done)} of ${megabytes(total)} MB, ${megabytes(rate)} MB/s`;
      if (terminal) Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[K${line}${done >= total ? "\n" : ""}`));
      else if (Math.floor(done / total * 10) > tenth) {
        tenth = Math.floor(done / total * 10);
        say(line);
      }
      if (done >= total) startedAt = 0;
    },
  };
}
