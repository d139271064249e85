/** Segments of more videos than `deno task test` has time for. */
import { compareUnusualTimes } from "../_segments.ts";

Deno.test("segments join to the bytes of a single run, of all videos with unusual times", (t) =>
  compareUnusualTimes(t));
