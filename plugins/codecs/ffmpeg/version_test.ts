import assert from "node:assert/strict";
import { hasDisplayRotation, hasMovieTimescale, parseVersion, passthrough, uncropped } from "./version.ts";

const output = (text: string, util: string, format: string) =>
  `ffmpeg version ${text} Copyright (c) 2000-2026 the FFmpeg developers\nlibavutil      ${util}.100 / ${util}.100\nlibavformat    ${format}.100 / ${format}.100\n`;

Deno.test("parseVersion() reads releases and builds from git", () => {
  assert.deepEqual(parseVersion(output("5.1.9-0+deb12u1", "57. 28", "59. 27")), {
    text: "5.1.9-0+deb12u1",
    avutil: [57, 28],
    avformat: [59, 27],
  });
  assert.equal(parseVersion("bash version 5"), undefined);
});

Deno.test("passthrough() and the features follow the libraries' versions", () => {
  const old = parseVersion(output("N-47683-g0e8eb07980-static", "56. 24", "58. 24"))!;
  const debian = parseVersion(output("5.1.9", "57. 28", "59. 27"))!;
  const current = parseVersion(output("n9.0.2", "61.  1", "63.  1"))!;
  const facts = [old, debian, current].map((v) => [passthrough(v)[0], hasMovieTimescale(v), hasDisplayRotation(v)]);
  assert.deepEqual([old, debian, current].map((v) => uncropped(v).length), [0, 0, 2]);
  assert.deepEqual(facts, [["-vsync", false, false], ["-fps_mode", true, false], ["-fps_mode", true, true]]);
});
