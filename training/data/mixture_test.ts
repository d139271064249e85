import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { UsageError } from "../../core/errors.ts";
import { parseMixturePart } from "./mixture.ts";

Deno.test("parseMixturePart() splits a location from its weight", () => {
  equal(parseMixturePart("synthetic:0.4"), { location: "synthetic", weight: 0.4 });
  equal(parseMixturePart("sets/davis"), { location: "sets/davis", weight: 1 });
  equal(parseMixturePart("C:\\sets\\davis:2"), { location: "C:\\sets\\davis", weight: 2 });
  equal(parseMixturePart("C:\\sets"), { location: "C:\\sets", weight: 1 });
  for (const bad of ["synthetic:0", "synthetic:", "a:-1", "a:x"]) throws(() => parseMixturePart(bad), UsageError);
});
