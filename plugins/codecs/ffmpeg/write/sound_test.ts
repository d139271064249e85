import assert from "node:assert/strict";
import { make, withScratch } from "../../testing/clips.ts";
import { copyFilm } from "../../testing/copy_film.ts";
import { testEachFfmpeg, testFfmpegs } from "../../testing/ffmpegs.ts";
import { ffmpegCodec } from "../codec.ts";
import { probeFile } from "../ffprobe.ts";

const ffmpegs = await testFfmpegs();
const own = ffmpegs[0]!;
const CLIP = "-f lavfi -i testsrc2=s=32x18:r=24:d=0.5 -f lavfi -i sine=d=0.5 -c:v libx264 -pix_fmt yuv420p";

testEachFfmpeg(
  ffmpegs,
  "sound that a muxer takes and no player finds is converted, and other sound is not",
  async ({ ffmpeg }) => {
    await withScratch(async ({ path }) => {
      const codec = ffmpegCodec({ ffmpeg });
      const cases: [sound: string, from: string, to: string, becomes: string][] = [
        ["pcm_s16le", "mov", "ts", "aac"],
        ["flac", "mkv", "ts", "aac"],
        ["wmav2", "mkv", "mov", "aac"],
        ["ac3", "mkv", "ts", "ac3"],
        ["pcm_s16le", "mov", "mov", "pcm_s16le"],
      ];
      for (const [sound, from, to, becomes] of cases) {
        const film = path(`${sound}.${from}`), out = path(`${sound}-${from}.${to}`);
        await make(own.ffmpeg, `${CLIP} -c:a ${sound} ${film}`);
        const { plan } = await copyFilm(codec, film, out);
        const { streams } = await probeFile(own, out);
        const { codec_name } = streams.find(({ codec_type }) => codec_type === "audio") ?? {};
        assert.equal(codec_name, becomes, `${sound} in ${to}`);
        assert.equal(plan.notes.some((note) => /is converted to/.test(note)), becomes !== sound, `${plan.notes}`);
      }
    });
  },
);
