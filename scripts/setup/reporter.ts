import type { Reporter } from "@slomo/downloads/wheels";

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** Says lines on stdout, and the progress of a download: in place on a terminal, every tenth of it elsewhere. */
export function createReporter(terminal: boolean = Deno.stdout.isTerminal()): Reporter {
  let tenth = 0, begun = 0, first = 0;
  return {
    say: (line) => console.log(line),
    showPip: true,
    progress: (file, done, total) => {
      if (begun === 0 || done < first) [begun, first, tenth] = [Date.now(), done, Math.floor(done / total * 10)];
      const seconds = (Date.now() - begun) / 1000, rate = seconds > 0 ? (done - first) / seconds : 0;
      const line = `${file}: ${megabytes(done)} of ${megabytes(total)} MB, ${megabytes(rate)} MB/s`;
      if (terminal) Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[K${line}${done >= total ? "\n" : ""}`));
      else if (Math.floor(done / total * 10) > tenth) {
        tenth = Math.floor(done / total * 10);
        console.log(line);
      }
      if (done >= total) begun = 0;
    },
  };
}
