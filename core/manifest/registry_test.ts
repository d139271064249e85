import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { UsageError } from "../errors.ts";
import { parseRegistry, registryJsonSchema } from "./registry.ts";

const SHA256 = "0".repeat(64);
const ENTRY = { description: "d", strengths: "s", license: "MIT", source: "https://example.com/" };
const text = (from: unknown, more: object = {}, name = "tiny") =>
  JSON.stringify({ models: { [name]: { ...ENTRY, ...more, from } } });

Deno.test("parseRegistry() reads files at URLs, members of archives and of wheels, and shipped files", () => {
  const file = { bytes: 3, sha256: SHA256 }, wheel = { project: "p", version: "1", file: "p-1-py3-none-any.whl" };
  const sources = [
    { url: "./a.safetensors", ...file },
    { url: "https://example.com/a.zip", member: "a/b.pkl", ...file },
    { wheel, member: "a/b.pkl", ...file },
    { shipped: "a.safetensors" },
  ];
  for (const from of sources) equal(parseRegistry(text(from), "r.json").models, { tiny: { ...ENTRY, from } });
});

Deno.test("parseRegistry() refuses other content, and names the path within it", () => {
  const url = { url: "a", bytes: 3, sha256: SHA256 };
  const cases: [string, RegExp][] = [
    ["{", /^models: cannot read r\.json: it is not JSON; see docs\/models\.md$/],
    ["{}", /r\.json: models: /],
    [text({ ...url, sha256: "abc" }), /r\.json: models\.tiny\.from\.sha256: /],
    [text(url, { licence: "MIT" }), /r\.json: models\.tiny: /],
    [text(url, { precision: "int8" }), /r\.json: models\.tiny\.precision: /],
    [text(url, {}, "../up"), /r\.json: models\.\.\.\/up: /],
    [text({ wheel: { project: "p", version: "1", file: "p.tar.gz" } }), /r\.json: models\.tiny\.from: /],
  ];
  for (const [content, message] of cases) {
    throws(
      () => parseRegistry(content, "r.json"),
      (error) => error instanceof UsageError && error.code === "invalid-manifest" && message.test(error.message),
      content,
    );
  }
});

Deno.test("registryJsonSchema() describes the fields for editors", () => {
  const { properties, required } = registryJsonSchema() as { properties: Record<string, object>; required: string[] };
  equal([Object.keys(properties), required], [["$schema", "models"], ["models"]]);
});
