/** Properties of a frame that may change within a stream. */
interface Shape {
  readonly width: number;
  readonly height: number;
  /** Horizontal and vertical chroma subsampling as one number. */
  readonly chroma: number;
}

/**
 * A filter that changes nothing, and prints the shape of the first frame and of each frame with a new shape to ffmpeg's
 * error output: ffmpeg reconfigures its filters there, and scales all frames to the first shape.
 */
export const REPORT_SHAPE = "setsar=sar='sar+0*print(-((w*65536+h)*64+hsub*8+vsub),16)'";

/** Parses the shape in a line, or returns `undefined` for other lines. */
function shapeOf(line: string): Shape | undefined {
  const found = /^(?:\[Eval @ \w+\] )?-(\d+)\.0{6}$/.exec(line);
  if (!found) return undefined;
  const printed = Number(found[1]), size = Math.floor(printed / 64);
  return { width: Math.floor(size / 65536), height: size % 65536, chroma: printed % 64 };
}

/** Tests whether a line was printed by {@linkcode REPORT_SHAPE}. */
export function isShapeReport(line: string): boolean {
  return shapeOf(line) !== undefined;
}

/** Describes the changes of shape in the lines that ffmpeg printed; `undefined` if there are none. */
export function shapeChange(lines: readonly string[]): string | undefined {
  const [first, ...others] = lines.map(shapeOf).filter((shape) => shape !== undefined);
  const resized = others.find(({ width, height }) => width !== first?.width || height !== first.height);
  if (first && resized) {
    return `frames change from ${first.width}×${first.height} to ${resized.width}×${resized.height}; all are scaled ` +
      "to the first size";
  }
  return others.some(({ chroma }) => chroma !== first?.chroma)
    ? "frames change their pixel format; all are converted to the first"
    : undefined;
}
