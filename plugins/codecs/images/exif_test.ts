import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { readOrientation } from "./exif.ts";
import { readTiff } from "./tiff.ts";

const ascii = (text: string) => [...new TextEncoder().encode(text)];
const big = (value: number) => [value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255];

/** Returns a TIFF directory with an orientation after another tag, big-endian or little-endian. */
function tiff(orientation: number, order: "MM" | "II", directoryAt = 8): number[] {
  const short = (value: number) => order === "MM" ? [value >> 8, value & 255] : [value & 255, value >> 8];
  const long = (value: number) => order === "MM" ? big(value) : big(value).reverse();
  const entry = (tag: number, value: number) => [...short(tag), ...short(3), ...long(1), ...short(value), 0, 0];
  const head = [...ascii(order), ...short(42), ...long(directoryAt)];
  const gap = new Array<number>(directoryAt - head.length).fill(7);
  return [...head, ...gap, ...short(2), ...entry(0x0100, 9), ...entry(0x0112, orientation), ...long(0)];
}

const pngChunk = (name: string, content: number[]) => [...big(content.length), ...ascii(name), ...content, 0, 0, 0, 0];
const webpChunk = (name: string, content: number[]) => [
  ...ascii(name),
  ...big(content.length).reverse(),
  ...content,
  ...(content.length % 2 ? [0] : []),
];

/** Returns ImageMagick's text of an EXIF profile: its name, its length, and 36 bytes a line in hexadecimal. */
function rawProfile(profile: number[]): string {
  const digits = profile.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `\nexif\n${String(profile.length).padStart(8)}\n${digits.replace(/.{72}/g, "$&\n")}\n`;
}

const deflated = (text: string) => [...deflateSync(text)];

Deno.test("readOrientation() and readTiff() find the orientation of EXIF and XMP in PNG, WebP and TIFF, at any position", async () => {
  const png = (...chunks: number[][]) => [0x89, ...ascii("PNG\r\n\x1a\n"), ...chunks.flat()];
  const webp = (...chunks: number[][]) => [...ascii("RIFF"), 0, 0, 0, 0, ...ascii("WEBP"), ...chunks.flat()];
  const raw = rawProfile([...ascii("Exif"), 0, 0, ...tiff(6, "MM")]);
  const xmpChunk = (isCompressed: boolean, xmp: string) =>
    pngChunk("iTXt", [
      ...ascii("XML:com.adobe.xmp"),
      ...[0, isCompressed ? 1 : 0, 0, 0, 0],
      ...isCompressed ? deflated(`<x>${xmp}</x>`) : ascii(`<x ${xmp}/>`),
    ]);
  const far = 300_000, pixels = new Array<number>(70_001).fill(1);
  const cases: [kind: "png" | "webp" | "tiff", bytes: number[], expected: number | undefined][] = [
    ["png", png(pngChunk("IHDR", [0]), pngChunk("eXIf", tiff(6, "MM")), pngChunk("IDAT", pixels)), 6],
    ["png", png(pngChunk("IHDR", [0]), pngChunk("IDAT", pixels), pngChunk("eXIf", tiff(8, "II"))), 8],
    ["png", png(pngChunk("IHDR", [0]), pngChunk("IDAT", pixels)), undefined],
    ["webp", webp(webpChunk("VP8L", pixels), webpChunk("EXIF", tiff(3, "II"))), 3],
    ["webp", webp(webpChunk("VP8L", pixels), webpChunk("EXIF", [...ascii("Exif"), 0, 0, ...tiff(5, "MM")])), 5],
    ["png", png(pngChunk("IHDR", [0]), pngChunk("tEXt", [...ascii("Raw profile type exif"), 0, ...ascii(raw)])), 6],
    ["png", png(pngChunk("tEXt", [...ascii("Raw profile type APP1"), 0, ...ascii(raw)]), pngChunk("IDAT", pixels)), 6],
    ["png", png(pngChunk("zTXt", [...ascii("Raw profile type exif"), 0, 0, ...deflated(raw)])), 6],
    ["png", png(pngChunk("zTXt", [...ascii("Raw profile type exif"), 0, 0, 1, 2, 3])), undefined],
    ["png", png(pngChunk("tEXt", [...ascii("Raw profile type exif"), 0, ...ascii("\nexif\n 9\nxyz")])), undefined],
    ["png", png(pngChunk("tEXt", [...ascii("Comment"), 0, ...ascii(raw)])), undefined],
    ["png", png(xmpChunk(false, 'tiff:Orientation="8"')), 8],
    ["png", png(xmpChunk(true, "<tiff:Orientation> 3</tiff:Orientation>")), 3],
    ["png", png(xmpChunk(false, 'tiff:Orientation="9"')), undefined],
    ["png", png(xmpChunk(false, 'tiff:Orientation="8"'), pngChunk("eXIf", tiff(6, "MM"))), 6],
    ["webp", webp(webpChunk("VP8X", [0]), webpChunk("XMP ", ascii("<x tiff:Orientation='5'/>"))), 5],
    ["tiff", tiff(7, "MM", far), 7],
    ["tiff", tiff(2, "II"), 2],
    ["tiff", tiff(9, "II"), undefined],
    ["tiff", ascii("MM"), undefined],
    ["tiff", tiff(2, "II").slice(0, 20), undefined],
  ];
  const file = await Deno.makeTempFile();
  try {
    for (const [kind, bytes, expected] of cases) {
      await Deno.writeFile(file, new Uint8Array(bytes));
      const found = kind === "tiff" ? (await readTiff(file)).orientation : await readOrientation(file, kind);
      assert.equal(found, expected);
    }
  } finally {
    await Deno.remove(file);
  }
});
