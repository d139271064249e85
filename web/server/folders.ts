/** The folders of the server: files are named by the number of a folder and a path in it, and never leave it. */
import { UsageError } from "@slomo/core";
import { basename, extname, join, relative } from "@std/path";
import type { Entry, Listing } from "../shared/types.ts";

const SEPARATOR = Deno.build.os === "windows" ? "\\" : "/";

const VIDEO = /\.(mp4|m4v|mov|mkv|webm|avi|ts|m2ts|mts|mpe?g|wmv|flv|ogv|3gp|mxf|y4m|gif)$/i;
const IMAGE = /\.(png|jpe?g|webp|tiff?|bmp|exr|dpx)$/i;

/** Longest name of a file in bytes; file systems take 255. */
const MAX_NAME = 200;

function refuse(id: string): never {
  throw new UsageError(`files: cannot open ${id}: there is no such file in the folders of this page`, {
    code: "input-not-found",
  });
}

/**
 * Returns a name that is safe as a file name on every system: no folders, no control characters, not hidden, not too long.
 *
 * @param given A name from a browser.
 */
export function safeName(given: string): string {
  // deno-lint-ignore no-control-regex
  const unsafe = /[\x00-\x1f\x7f<>:"|?*\u202a-\u202e\u2066-\u2069]/g;
  const last = given.normalize("NFC").split(/[\\/]/).at(-1)!.replace(unsafe, "_").replace(/^[.\s]+|[.\s]+$/g, "");
  const isReserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(last), name = isReserved ? `_${last}` : last;
  const end = extname(name).slice(0, 16), encoder = new TextEncoder();
  let stem = [...name.slice(0, name.length - extname(name).length)];
  while (encoder.encode(stem.join("") + end).length > MAX_NAME) stem = stem.slice(0, -1);
  return stem.length === 0 ? `video${end}` : stem.join("") + end;
}

/** Returns a path that does not exist: the given one, or with a number before its extension. */
export async function freePath(path: string): Promise<string> {
  const end = extname(path), stem = path.slice(0, path.length - end.length);
  for (let n = 1;; n++) {
    const tried = n === 1 ? path : `${stem} (${n})${end}`;
    if (!await Deno.lstat(tried).then(() => true, () => false)) return tried;
  }
}

/** The folders from which the page opens files, and the one into which it writes. */
export class Folders {
  readonly #roots: readonly string[];
  /** Folder for uploads and results; the last of the folders if it is none of the others. */
  readonly out: string;

  private constructor(roots: readonly string[], out: string) {
    this.#roots = roots;
    this.out = out;
  }

  /**
   * Opens the folders.
   *
   * @param paths Folders to open files from.
   * @param out Folder for uploads and results, which is created if needed.
   * @throws {UsageError} If one of them is not a folder.
   */
  static async open(paths: readonly string[], out: string): Promise<Folders> {
    const real = async (path: string, option: string) => {
      const info = await Deno.stat(path).catch(() => undefined);
      if (info?.isDirectory) return await Deno.realPath(path);
      const cause = info ? "it is not a folder" : "there is no such folder";
      throw new UsageError(`web: cannot open ${path}: ${cause}; set \`${option}\` to a folder`, {
        code: "input-not-found",
        option,
      });
    };
    const roots = await Promise.all(paths.map((path) => real(path, "folder")));
    await Deno.mkdir(out, { recursive: true }).catch(() => {});
    const target = await real(out, "out");
    return new Folders([...new Set([...roots, target])], target);
  }

  /** Names of the folders, in the order of their numbers. */
  get names(): readonly string[] {
    return this.#roots.map((root) => basename(root) || root);
  }

  /** Number of the folder for uploads and results. */
  get outNumber(): number {
    return this.#roots.indexOf(this.out);
  }

  /** Returns the name under which the page knows a path inside a folder: `0/sub/clip.mp4`. */
  idOf(path: string, folder: number = this.outNumber): string {
    const inside = relative(this.#roots[folder]!, path).split(SEPARATOR).join("/");
    return inside === "" ? `${folder}` : `${folder}/${inside}`;
  }

  /**
   * Returns the real path of a file or folder, after all links.
   *
   * @throws {UsageError} If it does not exist, is hidden, or is outside of the folders.
   */
  async resolve(id: string): Promise<string> {
    const [number = "", ...parts] = id.split("/"), root = /^\d{1,4}$/.test(number) ? this.#roots[+number] : undefined;
    const isWrong = (part: string) => part === "" || part.startsWith(".") || /[\0\\]/.test(part);
    if (root === undefined || parts.some(isWrong)) refuse(id);
    const path = await Deno.realPath(join(root, ...parts)).catch(() => refuse(id));
    const isInside = path === root || path.startsWith(root.endsWith(SEPARATOR) ? root : root + SEPARATOR);
    const isHidden = relative(root, path).split(SEPARATOR).some((part) => part.startsWith("."));
    return isInside && !isHidden ? path : refuse(id);
  }

  /** Lists the folders, videos and image sequences in a folder; not those that are hidden or lead out of it. */
  async list(id: string): Promise<Listing> {
    const path = await this.resolve(id);
    if (!(await Deno.stat(path)).isDirectory) refuse(id);
    const found = await Promise.all(
      (await Array.fromAsync(Deno.readDir(path))).map((entry) => this.#entry(`${id}/${entry.name}`, entry.name)),
    );
    const entries = found.filter((entry) => entry !== undefined);
    const order = (a: Entry, b: Entry) =>
      Number(a.kind === "video") - Number(b.kind === "video") || a.name.localeCompare(b.name, "en", { numeric: true });
    return { id, path, name: id.includes("/") ? basename(path) : this.names[+id]!, entries: entries.sort(order) };
  }

  async #entry(id: string, name: string): Promise<Entry | undefined> {
    const path = await this.resolve(id).catch(() => undefined);
    const info = path === undefined ? undefined : await Deno.stat(path).catch(() => undefined);
    if (path === undefined || info === undefined) return undefined;
    const facts = { id, name, bytes: info.size, changed: info.mtime?.getTime() };
    if (info.isFile) return VIDEO.test(name) ? { ...facts, kind: "video" } : undefined;
    if (!info.isDirectory) return undefined;
    const names = await Array.fromAsync(Deno.readDir(path), (entry) => entry.name).catch(() => []);
    const visible = names.filter((one) => !one.startsWith("."));
    const isSequence = visible.length > 1 && visible.every((one) => IMAGE.test(one));
    return { ...facts, kind: isSequence ? "images" : "folder" };
  }
}
