import type { DroppedItem } from "@slomo/core";
import type { SideData } from "../ffprobe.ts";
import type { SourceDetails } from "../media_info.ts";

const CAPTIONS = "closed captions";

/** Side data that is not written, by ffprobe's name of its type. */
const NAMES: readonly (readonly [type: RegExp, what: string])[] = [
  [/^(DOVI|Dolby Vision) /, "Dolby Vision data"],
  [/^HDR Dynamic Metadata/, "HDR10+ data"],
  [/^ATSC A53 /, CAPTIONS],
  [/^Spherical Mapping/, "360° video metadata"],
  [/^Stereo 3D/, "stereoscopic 3D metadata"],
  [/^ICC profile/, "ICC profile"],
  [/^Ambient viewing environment/, "ambient viewing environment"],
];

type SideDataDetails = Pick<SourceDetails, "streams" | "frameData" | "streamData">;

/** Returns the side data of a source's first frame and of its stream. */
export function sideDataOf({ frameData, streamData }: SideDataDetails): readonly SideData[] {
  return [...frameData, ...streamData];
}

/** Returns the side data that is lost with `encoder`. */
export function droppedSideData(details: SideDataDetails, index: number, encoder: string): readonly DroppedItem[] {
  const data = sideDataOf(details), stream = details.streams.find((stream) => stream.index === index);
  const found = NAMES.filter(([type, what]) =>
    data.some(({ side_data_type }) => type.test(`${side_data_type}`)) ||
    (what === CAPTIONS && stream?.closed_captions === 1)
  );
  const dropped = found.map(([, what]) => ({ what, why: "slomo does not pass it to encoders" }));
  if (encoder === "libx265" || hdrParameters(data).length === 0) return dropped;
  return [{ what: "HDR mastering data", why: `slomo passes it to libx265 only, not to ${encoder}` }, ...dropped];
}

/** Returns the numerator of a fraction that ffprobe prints, with `denominator` as its denominator. */
function inUnits(value: string | number | undefined, denominator: number): number | undefined {
  const [num, den] = `${value}`.split("/").map(Number);
  return num === undefined || !den ? undefined : Math.round(num / den * denominator);
}

/** Returns HDR metadata as parameters of x265; empty if there is none. */
export function hdrParameters(data: readonly SideData[]): readonly string[] {
  const display = data.find(({ side_data_type }) => side_data_type === "Mastering display metadata");
  const light = data.find(({ side_data_type }) => side_data_type === "Content light level metadata");
  const parameters: string[] = [];
  if (display) {
    const point = (name: string) =>
      `(${inUnits(display[`${name}_x`], 50_000)},${inUnits(display[`${name}_y`], 50_000)})`;
    const level = `(${inUnits(display.max_luminance, 10_000)},${inUnits(display.min_luminance, 10_000)})`;
    const master = `G${point("green")}B${point("blue")}R${point("red")}WP${point("white_point")}L${level}`;
    if (!master.includes("undefined")) parameters.push(`master-display=${master}`);
  }
  if (light) parameters.push(`max-cll=${light.max_content},${light.max_average}`);
  return parameters.length > 0 ? ["hdr10=1", "repeat-headers=1", ...parameters] : [];
}
