import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { PickledObject, Unpickler } from "./pickle.ts";

const read = (...bytes: (number | string)[]) =>
  new Unpickler(
    Uint8Array.from(bytes.flatMap((item) => typeof item === "string" ? [...new TextEncoder().encode(item)] : [item])),
    () => null,
  ).read();

Deno.test("Unpickler.read() runs no code: a call becomes a name with arguments", () => {
  const called = read(0x80, 2, "cos\nsystem\n", "X", 2, 0, 0, 0, "ls", 0x85, "R.");
  equal(called instanceof PickledObject && [called.made, called.args], ["os.system", ["ls"]]);
});

Deno.test("Unpickler.read() reads numbers of any length and sign", () => {
  equal(read(0x80, 2, "(", "K", 255, "M", 0, 1, "J", 254, 255, 255, 255, 0x8a, 1, 0xff, 0x8a, 0, "t."), [
    255,
    256,
    -2,
    -1,
    0,
  ]);
  equal(read("G", 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, "."), 1.5);
});

Deno.test("Unpickler.read() reads dictionaries, lists and repeated references", () => {
  equal(
    read("}q", 0, "(", 0x8c, 1, "a", "K", 1, 0x8c, 1, "b", "]q", 1, "K", 2, "a", "u."),
    new Map<string, unknown>([["a", 1], ["b", [2]]]),
  );
  equal(read("(", 0x8c, 1, "x", 0x94, "h", 0, "t."), ["x", "x"]);
});

Deno.test("Unpickler.read() reports a broken pickle", () => {
  for (
    const bytes of [[], ["K"], ["."], ["t."], ["h", 3, "."], [0xff], ["X", 255, 255, 255, 127, "a"], ["cos\nsystem"]]
  ) {
    throws(() => read(...bytes), RangeError);
  }
});
