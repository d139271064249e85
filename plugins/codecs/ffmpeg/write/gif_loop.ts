/**
 * How often a GIF is shown, by its application block: 0 for ever, −1 once, else so many repeats, as ffmpeg's `-loop` takes it.
 *
 * @param head The file's first bytes; the block stands before the first picture.
 */
export function gifLoop(head: Uint8Array): number {
  const name = new TextEncoder().encode("NETSCAPE2.0");
  for (let at = 0; at + name.length + 4 < head.length; at++) {
    if (!name.every((byte, offset) => head[at + offset] === byte)) continue;
    const block = at + name.length;
    if (head[block] === 3 && head[block + 1] === 1) return head[block + 2]! | (head[block + 3]! << 8);
  }
  return -1;
}

/** How a source's video loops: as its GIF says, or for ever for one that is no GIF. */
export async function loopOf(location: string | undefined, isGif: boolean): Promise<number> {
  if (location === undefined || !isGif) return 0;
  using file = await Deno.open(location);
  const head = new Uint8Array(4096), length = await file.read(head) ?? 0;
  return gifLoop(head.subarray(0, length));
}
