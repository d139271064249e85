import { dirname, join } from "@std/path";
import { JobError } from "@slomo/core";
import { type Entry, type FileEntry, Reader, ZipReader } from "@zip.js/zip.js";

/** Lets zip.js read a file piece by piece. */
class FileReader extends Reader<Deno.FsFile> {
  readonly #file: Deno.FsFile;
  #ready = false;

  constructor(file: Deno.FsFile) {
    super(file);
    this.#file = file;
  }

  override async init(): Promise<void> {
    this.size = (await this.#file.stat()).size;
    this.#ready = true;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    if (!this.#ready) await this.init();
    await this.#file.seek(index, Deno.SeekMode.Start);
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const read = await this.#file.read(bytes.subarray(at));
      if (read === null) throw new JobError("the archive ends too early", { code: "download-failed" });
      at += read;
    }
    return bytes;
  }
}

const isWanted = (entry: Entry, members: RegExp): entry is FileEntry =>
  !entry.directory && members.test(entry.filename);

/**
 * Unpacks the members of a zip archive whose names match, and verifies their CRC. Programs stay executable.
 *
 * @param archive Path of the archive.
 * @param members Matches the names of the members.
 * @param folder Folder that they are written into, with the folders of their names.
 * @param signal Stops the work.
 * @returns The names of the members.
 * @throws {JobError} If none matches or the archive is damaged.
 */
export async function unpack(archive: string, members: RegExp, folder: string, signal: AbortSignal): Promise<string[]> {
  using file = await Deno.open(archive);
  const zip = new ZipReader(new FileReader(file), { useWebWorkers: false, checkSignature: true, signal });
  const wanted = (await zip.getEntries()).filter((entry) => isWanted(entry, members));
  if (wanted.length === 0) {
    throw new JobError(`${archive} has no member like ${members.source}`, { code: "download-failed" });
  }
  for (const entry of wanted) {
    const place = join(folder, entry.filename); // zip.js has refused names that lead out of the folder
    await Deno.mkdir(dirname(place), { recursive: true });
    const mode = entry.executable ? 0o755 : 0o644;
    const target = await Deno.open(place, { write: true, create: true, truncate: true, mode });
    await entry.getData(target.writable);
  }
  await zip.close();
  return wanted.map(({ filename }) => filename);
}
