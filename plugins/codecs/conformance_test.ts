import { conformsAs } from "@slomo/testing";
import plugin from "./mod.ts";

conformsAs("media", plugin, { part: "ffmpeg", media: { write: (folder) => `${folder}/video.mkv` } });
conformsAs("media", plugin, {
  part: "images",
  media: { write: (folder) => `${folder}/video/%03d.png`, lossless: true },
});
