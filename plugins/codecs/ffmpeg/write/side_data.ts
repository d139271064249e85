import type { DroppedItem } from "@slomo/core";
import type { SideData } from "../ffprobe.ts";
import type { SourceDetails } from "../media_info.ts";
import { hdrParameters } from "./hdr.ts";

const CAPTIONS = "closed captions within the pictures";

/** Data beside the pictures that goes into no video, by what ffprobe calls it. */
const NAMES: readonly (readonly [type: RegExp, what: string])[] = [
  [/^(DOVI|Dolby Vision) /, "Dolby Vision data"],
  [/^HDR Dynamic Metadata/, "HDR10+ data"],
  [/^ATSC A53 /, CAPTIONS],
  [/^Spherical Mapping/, "the mark of a 360° picture"],
  [/^Stereo 3D/, "the mark of a 3D picture"],
  [/^ICC profile/, "ICC profile"],
  [/^Ambient viewing environment/, "ambient viewing environment"],
];

type Beside = Pick<SourceDetails, "streams" | "frameData" | "streamData">;

/** What stands beside a source's pictures: in the first of them, or in the container. */
export function sideDataOf({ frameData, streamData }: Beside): readonly SideData[] {
  return [...frameData, ...streamData];
}

/** What stands beside the pictures and is lost with `encoder`. */
export function droppedSideData(details: Beside, index: number, encoder: string): readonly DroppedItem[] {
  const data = sideDataOf(details), stream = details.streams.find((stream) => stream.index === index);
  const found = NAMES.filter(([type, what]) =>
    data.some(({ side_data_type }) => type.test(`${side_data_type}`)) ||
    (what === CAPTIONS && stream?.closed_captions === 1)
  );
  const dropped = found.map(([, what]) => ({ what, why: "slomo hands it to no encoder" }));
  if (encoder === "libx265" || hdrParameters(data).length === 0) return dropped;
  return [{ what: "HDR mastering data", why: `slomo hands it to libx265 only, not to ${encoder}` }, ...dropped];
}
