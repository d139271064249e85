import type { VideoInfo } from "@slomo/core";
import type { ProbedFrame, ProbedStream } from "./ffprobe.ts";

/** Transform of stored frames for display. */
export interface DisplayTransform {
  /** Whether frames are flipped horizontally before rotation. */
  readonly mirrored: boolean;
  /** Clockwise rotation in degrees; 0 for angles that are not multiples of 90. */
  readonly rotation: VideoInfo["rotation"];
  /** Whether the angle is not a multiple of 90 degrees. */
  readonly odd: boolean;
}

/** Returns the upper left 2×2 part of a display matrix as ffprobe prints it. */
function corner(text: string | number | undefined): readonly [number, number, number, number] | undefined {
  const rows = [...`${text}`.matchAll(/^\d+: +(-?\d+) +(-?\d+)/gm)].map(([, x, y]) => [Number(x), Number(y)] as const);
  return rows[0] && rows[1] && [...rows[0], ...rows[1]];
}

/** Returns the display transform of the stream, or else of its first frame. */
export function rotationOf(stream: ProbedStream, frame?: ProbedFrame): DisplayTransform {
  const data = [...stream.side_data_list ?? [], ...frame?.side_data_list ?? []];
  const matrix = data.find(({ side_data_type }) => /^(3x3 displaymatrix|Display Matrix)$/i.test(`${side_data_type}`));
  const [a, b, c, d] = corner(matrix?.displaymatrix) ?? [];
  const mirrored = a !== undefined && a * d! - b! * c! < 0;
  // The angle that ffprobe computes is counterclockwise and ignores mirroring.
  const clockwise = mirrored
    ? Math.atan2(-b!, -a) * 180 / Math.PI
    : -Number(matrix?.rotation ?? -Number(stream.tags?.rotate ?? 0));
  const rotation = ((Math.round(clockwise) % 360) + 360) % 360;
  return rotation === 0 || rotation === 90 || rotation === 180 || rotation === 270
    ? { mirrored, rotation, odd: false }
    : { mirrored, rotation: 0, odd: true };
}
