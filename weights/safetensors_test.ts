import { deepStrictEqual as equal, rejects, throws } from "node:assert/strict";
import { JobError, UsageError } from "../core/errors.ts";
import { openSafetensors, readSafetensors, tensorValues } from "./safetensors.ts";
import { writeSafetensors } from "./write_safetensors.ts";

const SAMPLE = new Map([
  ["b", { shape: [3], values: new Float32Array([0.1, -2, 65504]) }],
  ["a", { shape: [2, 2], values: new Float32Array([1, 2, 3, 1e-7]) }],
]);

/** Returns the bytes in chunks of `size`. */
function streamOf(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += size));
    },
  });
}

Deno.test("readSafetensors() reads the output of writeSafetensors() from chunks of any size", async () => {
  const bytes = writeSafetensors(SAMPLE, { k: "é" }, "F32");
  for (const size of [1, 7, 8, 9, 100, bytes.length]) {
    const file = await readSafetensors(streamOf(bytes, size), "x.st");
    equal(file.metadata, { k: "é" });
    equal(file.bytes.buffer instanceof SharedArrayBuffer, true);
    for (const [name, { shape, values }] of SAMPLE) {
      equal(file.tensors.get(name)!.shape, shape);
      equal(tensorValues(file, file.tensors.get(name)!), values);
    }
  }
});

Deno.test("tensorValues() converts every finite float16 exactly", () => {
  const bits = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
  const exact = [...bits].map((value) => {
    const sign = value >> 15 ? -1 : 1, exponent = (value >> 10) & 31, fraction = value & 1023;
    if (exponent === 31) return undefined;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
  const finite = exact.filter((value) => value !== undefined);
  const written = writeSafetensors(
    new Map([["a", { shape: [finite.length], values: new Float32Array(finite) }]]),
    {},
    "F16",
  );
  const file = openSafetensors(written, "x.st");
  equal(tensorValues(file, file.tensors.get("a")!), new Float32Array(finite));
  const { begin, end } = file.tensors.get("a")!;
  equal(new Uint16Array(written.slice(begin, end).buffer), bits.filter((_, i) => exact[i] !== undefined));
});

Deno.test("openSafetensors() and readSafetensors() reject truncated files of any length, and longer files", async () => {
  const bytes = writeSafetensors(SAMPLE, {}, "F16");
  for (let length = 0; length < bytes.length; length++) {
    const cut = bytes.slice(0, length), type = length < 8 ? UsageError : JobError;
    throws(() => openSafetensors(cut, "x.st"), type);
    await rejects(() => readSafetensors(streamOf(cut, 16), "x.st"), type);
  }
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  throws(() => openSafetensors(longer, "x.st"), /continues after its/);
  await rejects(() => readSafetensors(streamOf(longer, 16), "x.st"), /continues after its/);
});

Deno.test("readSafetensors() stops reading at an invalid header", async () => {
  let given = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(64).fill(++given)),
  });
  await rejects(() => readSafetensors(endless, "x.st"), UsageError);
  equal(given < 4, true);
});

Deno.test("openSafetensors() throws only UsageError and JobError for damaged headers", () => {
  const bytes = writeSafetensors(SAMPLE, { k: "v" }, "F16");
  for (let at = 0; at < 200; at++) {
    for (const value of [0, 0x22, 0x39, 0xff]) {
      const damaged = bytes.slice();
      damaged[at] = value;
      try {
        openSafetensors(damaged, "x.st");
      } catch (error) {
        equal(error instanceof UsageError || error instanceof JobError, true, `${at}, ${value}: ${error}`);
      }
    }
  }
});
