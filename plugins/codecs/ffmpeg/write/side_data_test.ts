import assert from "node:assert/strict";
import type { SideData } from "../ffprobe.ts";
import { droppedSideData, hdrParameters, sideDataOf } from "./side_data.ts";

const details = (frameData: readonly SideData[], streamData: readonly SideData[], captions = 0) => ({
  streams: [{ index: 3, codec_type: "video", closed_captions: captions }],
  frameData,
  streamData,
});
const LIGHT: SideData = { side_data_type: "Content light level metadata", max_content: 1000, max_average: 400 };
const kind = (side_data_type: string): SideData => ({ side_data_type });

Deno.test("sideDataOf() finds HDR metadata that only the container has", () => {
  for (const source of [details([LIGHT], []), details([], [LIGHT])]) {
    assert.deepEqual(hdrParameters(sideDataOf(source)), ["hdr10=1", "repeat-headers=1", "max-cll=1000,400"]);
  }
});

Deno.test("droppedSideData() lists data that is not written, and mastering data without libx265", () => {
  const dropped = (source: ReturnType<typeof details>, encoder = "libx265") =>
    droppedSideData(source, 3, encoder).map(({ what }) => what);
  assert.deepEqual(dropped(details([LIGHT], [kind("CPB properties"), kind("Display Matrix")])), []);
  assert.deepEqual(dropped(details([], [LIGHT]), "libvpx-vp9"), ["HDR mastering data"]);
  assert.deepEqual(dropped(details([], [kind("DOVI configuration record")])), ["Dolby Vision data"]);
  assert.deepEqual(dropped(details([kind("Dolby Vision RPU Data"), kind("Dolby Vision Metadata")], [])), [
    "Dolby Vision data",
  ]);
  assert.deepEqual(dropped(details([kind("HDR Dynamic Metadata SMPTE2094-40 (HDR10+)")], [])), ["HDR10+ data"]);
  assert.deepEqual(dropped(details([], [kind("Spherical Mapping"), kind("Stereo 3D")])), [
    "360° video metadata",
    "stereoscopic 3D metadata",
  ]);
  for (const captioned of [details([kind("ATSC A53 Part 4 Closed Captions")], []), details([], [], 1)]) {
    assert.deepEqual(dropped(captioned), ["closed captions"]);
  }
});
