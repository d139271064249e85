/** Reads up to `length` bytes of a file from offset `at`. The buffer of the result always has `length` bytes. */
export async function readAt(file: Deno.FsFile, at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  await file.seek(at, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  let filled = 0;
  for (let read: number | null; filled < length && (read = await file.read(bytes.subarray(filled))) !== null;) {
    filled += read;
  }
  return bytes.subarray(0, filled);
}
