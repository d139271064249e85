/**
 * Returns a source of gray frames of any size for the `lavfi` demuxer. The filter `color` rounds its size to whole chroma
 * samples and refuses sizes below one, so a larger frame is cropped.
 *
 * @param timing Options of the filter `color` that limit or time the frames.
 * @param pixelFormat ffmpeg's name of the pixel format.
 */
export function graySource(
  { width, height }: { readonly width: number; readonly height: number },
  pixelFormat: string,
  timing: string,
): string {
  const size = `${width + 8 - width % 4}x${height + 8 - height % 4}`;
  return `color=gray:s=${size}:${timing},format=${pixelFormat},crop=${width}:${height}:0:0:exact=1`;
}
