/** Reads bytes of a file or of a profile within it: up to `length` bytes from `at`. */
export type ReadBytes = (at: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;

/** A directory of a TIFF structure, as in TIFF files and EXIF. */
export interface TiffDirectory {
  /** Returns the values of a tag of small or long integers, at most four; empty for other types and absent tags. */
  readonly values: (tag: number) => Promise<readonly number[]>;
  /** Returns the next directory, or `undefined` if there is none. */
  readonly next: () => Promise<TiffDirectory | undefined>;
}

/** Bytes per value of the types that are read, by their numbers in TIFF: BYTE, SHORT, LONG. */
const WIDTHS: Readonly<Record<number, 1 | 2 | 4>> = { 1: 1, 3: 2, 4: 4 };

/** Maximum number of values that are read of a tag. */
const MOST_VALUES = 4;

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

async function directoryAt(
  read: ReadBytes,
  { base, offset, little }: { readonly base: number; readonly offset: number; readonly little: boolean },
): Promise<TiffDirectory | undefined> {
  const head = await read(base + offset, 2);
  if (offset === 0 || head.length < 2) return undefined;
  const count = view(head).getUint16(0, little), entries = view(await read(base + offset + 2, 12 * count));

  async function values(tag: number): Promise<readonly number[]> {
    for (let at = 0; at + 12 <= entries.byteLength; at += 12) {
      if (entries.getUint16(at, little) !== tag) continue;
      const width = WIDTHS[entries.getUint16(at + 2, little)], all = entries.getUint32(at + 4, little);
      if (!width) return [];
      const length = Math.min(all, MOST_VALUES) * width;
      const bytes = all * width <= 4
        ? new Uint8Array(entries.buffer, entries.byteOffset + at + 8, length)
        : await read(base + entries.getUint32(at + 8, little), length);
      const found = view(bytes), one = { 1: "getUint8", 2: "getUint16", 4: "getUint32" } as const;
      return Array.from({ length: Math.floor(bytes.length / width) }, (_, i) => found[one[width]](i * width, little));
    }
    return [];
  }

  return {
    values,
    async next() {
      const link = await read(base + offset + 2 + 12 * count, 4);
      return link.length < 4
        ? undefined
        : await directoryAt(read, { base, offset: view(link).getUint32(0, little), little });
    },
  };
}

/** Returns the first directory of the TIFF structure at `base`, or `undefined` if there is none. */
export async function firstDirectory(read: ReadBytes, base: number): Promise<TiffDirectory | undefined> {
  const head = await read(base, 8), order = String.fromCharCode(...head.subarray(0, 2));
  if (head.length < 8 || order !== "II" && order !== "MM") return undefined;
  const little = order === "II";
  return await directoryAt(read, { base, offset: view(head).getUint32(4, little), little });
}

/** Tag of the orientation. */
const ORIENTATION = 0x0112;

/** Returns the orientation in a directory, 1 to 8, or `undefined` if there is none. */
export async function orientationOf(directory: TiffDirectory): Promise<number | undefined> {
  const [value = 0] = await directory.values(ORIENTATION);
  return value >= 1 && value <= 8 ? value : undefined;
}
