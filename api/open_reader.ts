import { type MediaHandler, type MediaReader, type OpenOptions, UsageError } from "@slomo/core";

/**
 * Opens a source with the first media handler that accepts it.
 *
 * @throws {UsageError} If none does, or the source cannot be read.
 */
export async function openReader(
  media: readonly MediaHandler[],
  location: string,
  { deinterlace, signal }: OpenOptions,
): Promise<MediaReader> {
  for (const { source } of media) {
    if (source && await source.accepts(location)) return await source.open(location, { deinterlace, signal });
  }
  throw new UsageError(`${location}: no reader of the manifest accepts it; name a video file or a folder of images`, {
    code: "unknown-format",
  });
}
