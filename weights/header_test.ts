import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { JobError, UsageError } from "../core/errors.ts";
import { headerLength, parseHeader } from "./header.ts";

const text = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const tensor = (begin: number, end: number, shape = [2], dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});
const refuses = (value: unknown, type: typeof UsageError | typeof JobError, message: RegExp) =>
  throws(() => parseHeader(text(value), "x.st"), (error) => {
    equal(error instanceof type, true, `${error}`);
    equal(message.test((error as Error).message), true, `${error}`);
    equal((error as Error).message.startsWith("x.st"), true, `${error}`);
    return true;
  });

Deno.test("parseHeader() returns metadata, tensors in file order, and the size of the file", () => {
  const bytes = text({ b: tensor(8, 12, [2, 1], "F16"), a: tensor(0, 8), __metadata__: { k: "v" } });
  const { metadata, tensors, size } = parseHeader(bytes, "x.st");
  equal(metadata, { k: "v" });
  equal([...tensors.keys()], ["a", "b"]);
  equal(size, 8 + bytes.length + 12);
  equal(tensors.get("b"), {
    name: "b",
    precision: "F16",
    shape: [2, 1],
    begin: 16 + bytes.length,
    end: 20 + bytes.length,
  });
});

Deno.test("parseHeader() accepts scalars, empty tensors and a file without tensors", () => {
  equal(parseHeader(text({ a: tensor(0, 4, []), b: tensor(4, 4, [0, 3]) }), "x.st").tensors.size, 2);
  equal(parseHeader(text({}), "x.st").size, 10);
});

Deno.test("parseHeader() rejects invalid headers", () => {
  refuses("not json", UsageError, /not a safetensors file: its header is not JSON/);
  refuses("[]", UsageError, /not a JSON object/);
  throws(() => parseHeader(new Uint8Array([0x7b, 0xff, 0x7d]), "x.st"), UsageError);
});

Deno.test("parseHeader() rejects offsets that overlap, leave gaps, or contradict the shape", () => {
  refuses({ a: tensor(0, 8), b: tensor(4, 12) }, JobError, /"b" overlaps/);
  refuses({ a: tensor(0, 8), b: tensor(12, 20) }, JobError, /"b" has a gap/);
  refuses({ a: tensor(4, 12) }, JobError, /"a" has a gap/);
  refuses({ a: tensor(0, 12) }, JobError, /"a" of F32 \[2\] takes 8 bytes, its offsets 0 to 12 give 12/);
  refuses({ a: tensor(8, 0) }, JobError, /give -8/);
  refuses({ a: tensor(0, 8, [1e9, 1e9, 1e9]) }, JobError, /"a"/);
  refuses({ a: tensor(-8, 0) }, JobError, /"a"/);
  refuses({ a: tensor(0, 8, [-2]) }, JobError, /shape/);
  refuses({ a: tensor(0, 8, [1.5]) }, JobError, /shape/);
  refuses({ a: 3 }, JobError, /"a"/);
  refuses({ __metadata__: { k: 1 } }, JobError, /metadata/);
});

Deno.test("parseHeader() rejects other data types and files that are too large", () => {
  refuses({ a: tensor(0, 4, [2], "BF16") }, UsageError, /"a" has the data type BF16; only F16 and F32/);
  refuses({ a: tensor(0, 2 ** 40, [2 ** 38]) }, UsageError, /announces/);
});

Deno.test("headerLength() rejects short files and implausible lengths", () => {
  const start = (length: bigint) => new Uint8Array(new BigUint64Array([length]).buffer);
  equal(headerLength(start(1234n), "x.st"), 1234);
  for (const length of [0n, 1n, 2n ** 24n + 1n, 2n ** 64n - 1n]) {
    throws(() => headerLength(start(length), "x.st"), UsageError);
  }
  throws(() => headerLength(new Uint8Array(7), "x.st"), /only 7 bytes/);
});
