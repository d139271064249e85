import { deepStrictEqual as equal, match, ok, rejects } from "node:assert/strict";
import { CREDENTIALS, errorAnswer, fakeStorage, variables } from "./_testing.ts";
import { ObjectStorage } from "./client.ts";
import { readStorageSettings } from "./settings.ts";
import { openRelay } from "./relay.ts";

const SECRETS = new RegExp(Object.values(CREDENTIALS).join("|"));

Deno.test("answers of the server become one line without credentials", async () => {
  const cases: readonly (readonly [number, string, string, RegExp])[] = [
    [
      404,
      "NoSuchBucket",
      "UsageError",
      /^s3:\/\/videos: there is no such bucket at 127\.0\.0\.1:\d+; create it, or check/,
    ],
    [
      403,
      "AccessDenied",
      "JobError",
      /^s3:\/\/videos\/in\.mp4: cannot read the object: .* refuses access \(AccessDenied\);/,
    ],
    [403, "SignatureDoesNotMatch", "JobError", /refuses access \(SignatureDoesNotMatch\); check AWS_ACCESS_KEY_ID/],
    [
      400,
      "ExpiredToken",
      "JobError",
      /the credentials have expired \(ExpiredToken\); set new ones in the environment$/,
    ],
    [400, "InvalidToken", "JobError", /refuses access \(InvalidToken\)/],
    [403, "RequestTimeTooSkewed", "JobError", /the clocks of this machine and of .* differ/],
    [301, "PermanentRedirect", "UsageError", /the bucket is in another region \(PermanentRedirect\); set AWS_REGION/],
    [418, "", "JobError", /answers with status 418$/],
  ];
  for (const [status, code, name, message] of cases) {
    await using fake = fakeStorage(() => errorAnswer(status, code));
    await rejects(fake.storage.facts("s3://videos/in.mp4"), (error: Error) => {
      match(error.message, message);
      ok(!SECRETS.test(Deno.inspect(error)), error.message);
      return error.name === name && !error.message.includes("\n");
    });
    equal(fake.received.length, 1);
  }
});

Deno.test("requests are signed in headers, with the token of temporary credentials", async () => {
  await using fake = fakeStorage(() => new Response("text"));
  equal(await fake.storage.readText("s3://videos/a b/ü+(1).mp4"), "text");
  const [{ line, headers }] = fake.received as [typeof fake.received[0]];
  equal(line, "GET /videos/a%20b/%C3%BC%2B%281%29.mp4");
  match(headers.get("authorization")!, /^AWS4-HMAC-SHA256 Credential=AKIDSECRETID\/.*x-amz-security-token/);
  equal(headers.get("x-amz-security-token"), CREDENTIALS.AWS_SESSION_TOKEN);
});

Deno.test("requests are repeated while the server is busy, and not if the address is wrong", async () => {
  await using fake = fakeStorage((_, count) => count < 3 ? errorAnswer(503, "SlowDown") : new Response("text"));
  equal(await fake.storage.readText("s3://videos/in.mp4"), "text");
  equal(fake.received.length, 3);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const AWS_ENDPOINT_URL = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  const nobody = new ObjectStorage(readStorageSettings(variables({ ...CREDENTIALS, AWS_ENDPOINT_URL })));
  await rejects(nobody.write("s3://videos/in.mp4", "x"), (error: Error) => {
    match(
      error.message,
      /^s3:\/\/videos\/in\.mp4: cannot write the object: no connection to 127\.0\.0\.1:\d+: Connection refused; check AWS_ENDPOINT_URL, and that the server runs$/,
    );
    return error.name === "JobError";
  });
});

const TEXT = "0123456789".repeat(20_000), ETAG = '"tag"';

/** Answers a request for a part of {@linkcode TEXT}; the connection ends after some bytes. */
function partOfText({ headers }: { readonly headers: Headers }, bytes = Infinity, etag = ETAG): Response {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.get("range")!)!;
  const whole = new TextEncoder().encode(TEXT.slice(Number(from), Number(to) + 1));
  let sent = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent) return bytes < whole.length ? controller.error(new Error("cut")) : controller.close();
      controller.enqueue(whole.subarray(0, bytes));
      sent = true;
    },
  }, { highWaterMark: 0 });
  return new Response(body, {
    status: 206,
    headers: { etag, "content-length": `${whole.length}`, "content-range": `bytes ${from}-${to}/${TEXT.length}` },
  });
}

Deno.test("an interrupted transfer continues where it ended, and a changed object is refused", async () => {
  await using fake = fakeStorage((request, count) => partOfText(request, count === 1 ? 70_000 : Infinity));
  const range = { from: 5, to: TEXT.length, etag: ETAG };
  const chunks = await Array.fromAsync(fake.storage.read("s3://videos/in.mp4", range));
  equal(new TextDecoder().decode(await new Blob(chunks).arrayBuffer()), TEXT.slice(5));
  equal(fake.received.map(({ headers }) => headers.get("if-match")), [ETAG, ETAG]);
  ok(fake.received[1]!.headers.get("range") !== "bytes=5-199999");
  await using other = fakeStorage((request) => partOfText(request, Infinity, '"other"'));
  await rejects(Array.fromAsync(other.storage.read("s3://videos/in.mp4", range)), {
    name: "UsageError",
    message: "s3://videos/in.mp4: the object has changed; plan again",
  });
});

Deno.test("the relay serves parts of an object, and reports an object that has changed", async () => {
  let etag = ETAG;
  await using fake = fakeStorage((request) => partOfText(request, Infinity, etag));
  const facts = { size: TEXT.length, etag: ETAG, mark: undefined };
  await using relay = openRelay(fake.storage, "s3://videos/a/in.mp4", facts);
  match(relay.url, /^http:\/\/127\.0\.0\.1:\d+\/[\da-f-]{36}\/in\.mp4$/);
  const get = (range?: string, url = relay.url) => fetch(url, { headers: range === undefined ? {} : { range } });
  const part = await get("bytes=10-29");
  equal([part.status, part.headers.get("content-range"), await part.text()], [
    ...[206, `bytes 10-29/${TEXT.length}`, TEXT.slice(10, 30)],
  ]);
  equal([(await get()).status, await (await get()).text()].slice(0, 2), [200, TEXT]);
  const beyond = await get(`bytes=${TEXT.length}-`), unknown = await get(undefined, new URL("/in.mp4", relay.url).href);
  equal([beyond.status, unknown.status], [416, 404]);
  equal(relay.failed.aborted, false);
  etag = '"other"';
  await rejects(get("bytes=0-").then((response) => response.text()));
  match(relay.failed.reason.message, /the object has changed/);
  relay.reset();
  equal(relay.failed.aborted, false);
});

Deno.test("an upload in parts that fails leaves nothing, also if the error follows the status", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.truncate(path, 17 * 2 ** 20);
    const answer = ({ line }: { readonly line: string }) => {
      if (/\?uploads=$/.test(line)) return new Response("<R><UploadId>u1</UploadId></R>");
      return line.startsWith("POST")
        ? errorAnswer(200, "AccessDenied")
        : new Response(null, { headers: { etag: '"p"' } });
    };
    await using fake = fakeStorage(answer);
    await rejects(fake.storage.upload("s3://videos/out.mp4", path), /cannot write the object: .* AccessDenied/);
    equal(fake.received.map(({ line, length }) => [line.replace("/videos/out.mp4", ""), length]).sort(), [
      ["DELETE ?uploadId=u1", 0],
      ["POST ?uploadId=u1", 161],
      ["POST ?uploads=", 0],
      ["PUT ?partNumber=1&uploadId=u1", 16 * 2 ** 20],
      ["PUT ?partNumber=2&uploadId=u1", 2 ** 20],
    ]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a list of several pages is read to its end", async () => {
  const page = (name: string, more: string) =>
    new Response(
      `<R><IsTruncated>${
        more !== ""
      }</IsTruncated>${more}<Contents><Key>a &amp; b/${name}</Key><Size>3</Size></Contents></R>`,
    );
  await using fake = fakeStorage((_, count) =>
    count === 1 ? page("1", "<NextContinuationToken>n+/=</NextContinuationToken>") : page("2&#x21;", "")
  );
  equal(await fake.storage.list("s3://videos/a & b", ""), [{ name: "1", size: 3 }, { name: "2!", size: 3 }]);
  match(fake.received[1]!.line, /^GET \/videos\?list-type=2&prefix=a\+%26\+b%2F&continuation-token=n%2B%2F%3D$/);
});
