import assert from "node:assert/strict";
import type { Color } from "@slomo/core";
import { copyVideo, make, testEachFfmpeg, testFfmpegs, withScratch } from "../_testing.ts";
import { colorOf, tagArguments } from "./color_tags.ts";
import { probeFile } from "./ffprobe.ts";
import { ffmpegMedia } from "./media.ts";
import { runProcess } from "./process.ts";
import { hasPacketTimes } from "./version.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;

/** Matrices that no version writes through libx264. */
const MATRICES_NOT_WRITTEN = ["ycgco-re", "ycgco-ro", "ipt-c2"];

/** Tags that ffmpeg writes through libx264 from 5.0 on: matrices, and other chroma locations than `left`. */
const MATRICES_SINCE_5 = ["ictcp", "chroma-derived-nc", "chroma-derived-c"];
const LOCATIONS_SINCE_5 = ["center", "topleft", "top", "bottomleft", "bottom"];

/** The name by which some versions print `ebu3213`, which has the same number. */
const ALIAS = "jedec-p22";

/**
 * Returns every value of an option of the filter `setparams` that names a color, as ffprobe prints it. ffmpeg 4 lists no
 * numbers; later ones list aliases, of which the last is printed, and numbers above 255 that no bitstream stores.
 */
function namesOf(help: string, option: string): string[] {
  const lines = help.split("\n"), begin = lines.findIndex((line) => line.trim().startsWith(`${option} `));
  const values = lines.slice(begin + 1).map((line) => /^ {5}(\S+) +(-?\d+)?/.exec(line)), end = values.indexOf(null);
  const known = values.slice(0, end).map((found) => [found![2] ?? found![1]!, found![1]!] as const);
  return [...new Map(known.filter(([number]) => !(Number(number) > 255))).values()]
    .filter((name) => !["auto", "unknown", "unspecified"].includes(name));
}

testEachFfmpeg(ffmpegs, "the encoder takes every color tag that ffprobe prints, and writes it", async (tools) => {
  const { stdout } = await runProcess(tools.ffmpeg, ["-hide_banner", "-h", "filter=setparams"]);
  const isNew = hasPacketTimes(tools.version);
  const excluded = [ALIAS, ...MATRICES_NOT_WRITTEN, ...isNew ? [] : MATRICES_SINCE_5];
  const names = (option: string) => namesOf(stdout, option).filter((name) => !excluded.includes(name));
  const colors: Color[] = [
    ...names("color_trc").map((transfer) => ({ transfer })),
    ...names("color_primaries").map((primaries) => ({ primaries })),
    ...names("colorspace").map((matrix) => ({ matrix })),
    ...(["limited", "full"] as const).map((range) => ({ range })),
    ...["left", ...isNew ? LOCATIONS_SINCE_5 : []].map((chromaLocation) => ({ chromaLocation })),
  ];
  assert.ok(colors.length > 35, `${colors.length}`);
  await withScratch(async ({ path }) => {
    const outputs = colors.flatMap((color, i) => {
      const { filter, options } = tagArguments(color), filters = filter ? ["-vf", filter] : [];
      return [...filters, ...options, "-frames:v", "1", "-c:v", "libx264", "-pix_fmt", "yuv420p", path(`${i}.mkv`)];
    });
    await make(tools.ffmpeg, ["-f", "lavfi", "-i", "color=gray:s=16x16:r=8", ...outputs]);
    for (const [i, color] of colors.entries()) {
      const { streams } = await probeFile(tools, path(`${i}.mkv`));
      const read = Object.entries(colorOf(streams[0]!, undefined)).filter(([tag]) => tag in color);
      assert.deepEqual(Object.fromEntries(read), color);
    }
  });
});

Deno.test("tags that no bitstream stores are not set", () => {
  assert.deepEqual(tagArguments({ transfer: "vlog", primaries: "vgamut" }), { filter: undefined, options: [] });
});

testEachFfmpeg(ffmpegs, "the color tags of PAL and NTSC of 1953 are kept", async (tools) => {
  await withScratch(async ({ path }) => {
    for (const [option, system] of [["gamma28", "bt470bg"], ["gamma22", "bt470m"]] as const) {
      const filter = `-vf setparams=color_trc=${system}:color_primaries=${system}:colorspace=bt470bg`;
      const tags = `${filter} -color_trc ${option} -color_primaries ${system} -colorspace bt470bg`;
      const from = path(`${system}.mp4`), to = path(`${system}-o.mp4`);
      await make(own.ffmpeg, `-f lavfi -i testsrc2=s=32x32:r=8:d=0.5 -c:v libx264 -pix_fmt yuv420p ${tags} ${from}`);
      const { info, plan } = await copyVideo(ffmpegMedia({ ffmpeg: tools.ffmpeg }), from, to);
      assert.deepEqual([info.video.color.transfer, plan.dropped], [system, []]);
      const { streams } = await probeFile(own, to);
      assert.deepEqual([streams[0]!.color_transfer, streams[0]!.color_primaries], [system, system]);
    }
  });
});
