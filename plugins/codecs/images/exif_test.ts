import assert from "node:assert/strict";
import { readOrientation } from "./exif.ts";

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

Deno.test("readOrientation() finds the EXIF orientation in PNG, WebP and TIFF, at any position", async () => {
  const png = (...chunks: number[][]) => [0x89, ...ascii("PNG\r\n\x1a\n"), ...chunks.flat()];
  const webp = (...chunks: number[][]) => [...ascii("RIFF"), 0, 0, 0, 0, ...ascii("WEBP"), ...chunks.flat()];
  const far = 300_000, pixels = new Array<number>(70_001).fill(1);
  const cases: [kind: "png" | "webp" | "tiff", bytes: number[], expected: number | undefined][] = [
    ["png", png(pngChunk("IHDR", [0]), pngChunk("eXIf", tiff(6, "MM")), pngChunk("IDAT", pixels)), 6],
    ["png", png(pngChunk("IHDR", [0]), pngChunk("IDAT", pixels), pngChunk("eXIf", tiff(8, "II"))), 8],
    ["png", png(pngChunk("IHDR", [0]), pngChunk("IDAT", pixels)), undefined],
    ["webp", webp(webpChunk("VP8L", pixels), webpChunk("EXIF", tiff(3, "II"))), 3],
    ["webp", webp(webpChunk("VP8L", pixels), webpChunk("EXIF", [...ascii("Exif"), 0, 0, ...tiff(5, "MM")])), 5],
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
      assert.equal(await readOrientation(file, kind), expected);
    }
  } finally {
    await Deno.remove(file);
  }
});
