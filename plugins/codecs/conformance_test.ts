import { conformsAs } from "@slomo/testing";
import plugin from "./mod.ts";

conformsAs("codec", plugin, { part: "ffmpeg", codec: { write: (folder) => `${folder}/video.mkv` } });
conformsAs("codec", plugin, {
  part: "images",
  codec: { write: (folder) => `${folder}/video/%03d.png`, lossless: true },
});
