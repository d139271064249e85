import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { CREDENTIALS, variables } from "./_testing.ts";
import { isObjectLocation } from "@slomo/core/files";
import { isInsideObject, parseObjectLocation } from "./location.ts";
import { readStorageAddress, readStorageSettings } from "./settings.ts";

Deno.test("parseObjectLocation() splits a location, and refuses keys that leave their prefix", () => {
  equal(parseObjectLocation("s3://videos/a b/in+1.mp4"), { bucket: "videos", key: "a b/in+1.mp4" });
  equal(parseObjectLocation("s3://videos"), { bucket: "videos", key: "" });
  equal(parseObjectLocation("S3://videos/a/"), { bucket: "videos", key: "a" });
  for (const key of ["a/../b", "..", "a/./b", "a//b", "/b", "a\nb"]) {
    throws(() => parseObjectLocation(`s3://videos/${key}`), {
      name: "UsageError",
      message: /must be s3:\/\/BUCKET\/KEY/,
    });
  }
  for (const wrong of ["s3://", "s3:///a", "s3://Up/a", "s3://a", "s3:/videos/a", "videos/a"]) {
    throws(() => parseObjectLocation(wrong), { name: "UsageError" });
  }
  equal(["s3://a/b", "S3://a", "/s3://a", "s3:/a", "http://a"].map(isObjectLocation), [
    true,
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("isInsideObject() compares whole parts of keys", () => {
  const inside = (location: string, root: string) => isInsideObject(location, root);
  ok(inside("s3://videos/a/in.mp4", "s3://videos") && inside("s3://videos/a/in.mp4", "s3://videos/"));
  ok(inside("s3://videos/a/in.mp4", "s3://videos/a") && inside("s3://videos/a/in.mp4", "s3://videos/a/"));
  ok(!inside("s3://videos/ab/in.mp4", "s3://videos/a") && !inside("s3://videos2/a/in.mp4", "s3://videos"));
  throws(() => inside("s3://videos/a/../b/in.mp4", "s3://videos/a"), { name: "UsageError" });
});

Deno.test("readStorageSettings() reads address and credentials from the environment", () => {
  const settings = readStorageSettings(variables({ ...CREDENTIALS, AWS_REGION: "eu-west-1" }));
  equal(settings, {
    endpoint: "https://s3.eu-west-1.amazonaws.com",
    host: "s3.eu-west-1.amazonaws.com:443",
    region: "eu-west-1",
    accessKeyId: CREDENTIALS.AWS_ACCESS_KEY_ID,
    secretAccessKey: CREDENTIALS.AWS_SECRET_ACCESS_KEY,
    sessionToken: CREDENTIALS.AWS_SESSION_TOKEN,
  });
  const address = readStorageAddress(
    variables({ AWS_ENDPOINT_URL: "http://a:1", AWS_ENDPOINT_URL_S3: "http://b/store/", AWS_DEFAULT_REGION: "x" }),
  );
  equal(address, { endpoint: "http://b/store", host: "b:80", region: "x" });
});

Deno.test("readStorageSettings() refuses missing credentials and wrong addresses, and shows no secret", () => {
  const { AWS_SECRET_ACCESS_KEY, AWS_ACCESS_KEY_ID } = CREDENTIALS;
  for (
    const values of [{}, { AWS_ACCESS_KEY_ID }, { AWS_SECRET_ACCESS_KEY }, {
      AWS_SECRET_ACCESS_KEY,
      AWS_ACCESS_KEY_ID: "",
    }]
  ) {
    throws(() => readStorageSettings(variables(values)), (error: Error) => {
      ok(
        /^s3: cannot connect to s3\.us-east-1\.amazonaws\.com:443: there are no credentials; set .*/.test(
          error.message,
        ),
      );
      return error.name === "UsageError" && !error.message.includes(AWS_SECRET_ACCESS_KEY);
    });
  }
  for (const AWS_ENDPOINT_URL of ["http://user:hush@host", "ftp://host", "host:80", "http://host?hush", "hush"]) {
    throws(() => readStorageAddress(variables({ AWS_ENDPOINT_URL })), (error: Error) => {
      return error.name === "UsageError" && /cannot use AWS_ENDPOINT_URL/.test(error.message) &&
        !/hush/.test(error.message);
    });
  }
});
