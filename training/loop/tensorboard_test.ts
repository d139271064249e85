import { deepStrictEqual as equal } from "node:assert/strict";
import { eventFileStart, maskedCrc32c, scalarsEvent } from "./tensorboard.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("maskedCrc32c() is that of the standard's check value, masked", () => {
  const crc = 0xe3069283;
  equal(maskedCrc32c(bytes("123456789")), (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
});

Deno.test("event files hold records of length, checksum, event, checksum", () => {
  const record = scalarsEvent({ seconds: 1.5, step: 300 }, { "loss/total": 0.25 });
  const view = new DataView(record.buffer), length = Number(view.getBigUint64(0, true));
  equal(record.length, 8 + 4 + length + 4);
  equal(view.getUint32(8, true), maskedCrc32c(record.subarray(0, 8)));
  const event = record.subarray(12, 12 + length);
  equal(view.getUint32(12 + length, true), maskedCrc32c(event));
  const value = [0x0a, 10, ...bytes("loss/total"), 0x15, 0, 0, 0x80, 0x3e];
  const summary = [0x0a, value.length, ...value];
  const expected = [0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x10, 0xac, 0x02, 0x2a, summary.length, ...summary];
  equal([...event], expected);
});

Deno.test("eventFileStart() names the version of the format", () => {
  equal(new TextDecoder().decode(eventFileStart(0)).includes("brain.Event:2"), true);
});
