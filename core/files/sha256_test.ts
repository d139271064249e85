import { strictEqual as equal } from "node:assert/strict";
import { sha256 } from "./sha256.ts";

Deno.test("sha256() hashes texts and bytes one after another, also those in shared memory", async () => {
  const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const shared = new Uint8Array(new SharedArrayBuffer(1));
  shared[0] = 99;
  equal(await sha256("abc"), expected);
  equal(await sha256("a", Uint8Array.of(98), shared), expected);
});
