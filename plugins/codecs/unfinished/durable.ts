/** Makes sure that a file's content is on the disk and not only on its way there. */
export async function settle(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true });
  await file.sync();
}

/** Writes a file under another name beside it, then renames: after a power cut it holds either its old content or the new. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const partial = `${path}.new`;
  await Deno.writeTextFile(partial, text);
  await settle(partial);
  await Deno.rename(partial, path);
}
