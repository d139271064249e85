import type { Image } from "@slomo/core";

/** Returns the samples as integers that can be compared several at a time, if their position allows. */
function wordsOf(plane: Image["planes"][number]): ArrayLike<number> {
  const { buffer, byteOffset, byteLength } = plane;
  return byteOffset % 4 === 0 && byteLength % 4 === 0 ? new Uint32Array(buffer, byteOffset, byteLength / 4) : plane;
}

function isSamePlane(a: Image["planes"][number], b: Image["planes"][number]): boolean {
  if (a === b) return true;
  if (a.byteLength !== b.byteLength) return false;
  const one = wordsOf(a), other = wordsOf(b);
  if (one.length !== other.length) return a.every((value, i) => value === b[i]);
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

/** Returns whether two images have the same size, format, color space and samples. */
export function isSameImage(a: Image, b: Image): boolean {
  if (a === b) return true;
  const factsOf = ({ planes: _, ...facts }: Image) => JSON.stringify(facts);
  return factsOf(a) === factsOf(b) && a.planes.every((plane, i) => isSamePlane(plane, b.planes[i]!));
}
