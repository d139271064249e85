/** What a picture is like, as far as it may change within a stream. */
interface Shape {
  readonly width: number;
  readonly height: number;
  /** Pixels of a chroma sample, across and down, as one number. */
  readonly chroma: number;
}

/**
 * A filter that changes nothing and, through ffmpeg's error output, tells of the shape of the first picture and of each that
 * has another: ffmpeg sets its filters up anew there, and scales all to the first.
 */
export const TELL_SHAPE = "setsar=sar='sar+0*print(-((w*65536+h)*64+hsub*8+vsub),16)'";

/** The shape of which a line tells, `undefined` for other lines. */
function shapeOf(line: string): Shape | undefined {
  const found = /^(?:\[Eval @ \w+\] )?-(\d+)\.0{6}$/.exec(line);
  if (!found) return undefined;
  const told = Number(found[1]), size = Math.floor(told / 64);
  return { width: Math.floor(size / 65536), height: size % 65536, chroma: told % 64 };
}

/** Whether a line comes from {@linkcode TELL_SHAPE}. */
export function tellsShape(line: string): boolean {
  return shapeOf(line) !== undefined;
}

/** What changes within a stream, by the lines that ffmpeg printed; `undefined` where nothing does. */
export function shapeChange(lines: readonly string[]): string | undefined {
  const [first, ...others] = lines.map(shapeOf).filter((shape) => shape !== undefined);
  const resized = others.find(({ width, height }) => width !== first?.width || height !== first.height);
  if (first && resized) {
    return `its pictures change from ${first.width}×${first.height} to ${resized.width}×${resized.height}; all are scaled ` +
      "to the first size";
  }
  return others.some(({ chroma }) => chroma !== first?.chroma)
    ? "its pictures change their pixel format; all are converted to the first"
    : undefined;
}
