import type { VideoInfo } from "@slomo/core";
import type { ProbedFrame, ProbedStream } from "./ffprobe.ts";

/** How a player is told to show the stored picture. */
export interface Turn {
  /** Whether it is mirrored, left to right, before it is turned. */
  readonly mirrored: boolean;
  /** Clockwise quarter turns; 0 where the angle is another. */
  readonly rotation: VideoInfo["rotation"];
  /** Whether the angle is no quarter turn. */
  readonly odd: boolean;
}

/** The upper left of a display matrix as ffprobe prints it: where a step right and a step down in the picture lead. */
function corner(text: string | number | undefined): readonly [number, number, number, number] | undefined {
  const rows = [...`${text}`.matchAll(/^\d+: +(-?\d+) +(-?\d+)/gm)].map(([, x, y]) => [Number(x), Number(y)] as const);
  return rows[0] && rows[1] && [...rows[0], ...rows[1]];
}

/** The turn that the container asks for, or else the pictures themselves. */
export function rotationOf(stream: ProbedStream, frame?: ProbedFrame): Turn {
  const data = [...stream.side_data_list ?? [], ...frame?.side_data_list ?? []];
  const matrix = data.find(({ side_data_type }) => /^(3x3 displaymatrix|Display Matrix)$/i.test(`${side_data_type}`));
  const [a, b, c, d] = corner(matrix?.displaymatrix) ?? [];
  const mirrored = a !== undefined && a * d! - b! * c! < 0;
  // ffprobe's own angle is counter-clockwise and blind to mirrors.
  const clockwise = mirrored
    ? Math.atan2(-b!, -a) * 180 / Math.PI
    : -Number(matrix?.rotation ?? -Number(stream.tags?.rotate ?? 0));
  const turn = ((Math.round(clockwise) % 360) + 360) % 360;
  return turn === 0 || turn === 90 || turn === 180 || turn === 270
    ? { mirrored, rotation: turn, odd: false }
    : { mirrored, rotation: 0, odd: true };
}
