import type { SideData } from "../ffprobe.ts";

/** The numerator of a fraction that ffprobe prints with `unit` as its denominator. */
function inUnits(value: string | number | undefined, unit: number): number | undefined {
  const [num, den] = `${value}`.split("/").map(Number);
  return num === undefined || !den ? undefined : Math.round(num / den * unit);
}

/** HDR facts of a source as x265's parameters, empty where there are none. */
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
