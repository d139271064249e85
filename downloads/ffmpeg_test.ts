import { strictEqual } from "node:assert/strict";
import { join } from "@std/path";
import { downloadedProgram } from "./ffmpeg.ts";

Deno.test("downloadedProgram() returns a path in the cache for each system that has a download", () => {
  const path = (program: "ffmpeg" | "ffprobe", os: string, arch: string) =>
    downloadedProgram(program, (name) => name === "SLOMO_CACHE" ? "/c" : undefined, { os, arch });
  for (const [os, arch] of [["linux", "x86_64"], ["linux", "aarch64"], ["darwin", "x86_64"]] as const) {
    strictEqual(path("ffmpeg", os, arch), join("/c", "ffmpeg", "9.0.2-8.1.2", "ffmpeg"));
  }
  strictEqual(path("ffprobe", "darwin", "aarch64"), join("/c", "ffmpeg", "9.0-8.1.2", "ffprobe"));
  strictEqual(path("ffprobe", "windows", "x86_64"), join("/c", "ffmpeg", "9.0.2-8.1.2", "ffprobe.exe"));
  strictEqual(path("ffmpeg", "freebsd", "x86_64"), undefined);
});
