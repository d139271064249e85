import { conformsAs } from "@slomo/testing";
import plugin from "./mod.ts";

conformsAs("codec", plugin, { part: "ffmpeg", codec: { write: (folder) => `${folder}/film.mkv` } });
conformsAs("codec", plugin, {
  part: "images",
  codec: { write: (folder) => `${folder}/film/%03d.png`, lossless: true },
});
