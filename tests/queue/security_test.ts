/** Servers with TLS and with users of least permission, as docs/many-machines.md has them. */
import { deepStrictEqual as equal, match } from "node:assert/strict";
import { inRepo, task, withFolder } from "../_tools.ts";
import { useQueue, withFakes } from "./_fake.ts";
import { freePort, run, startPostgres, startRedis } from "./_servers.ts";

/** Returns the lines of a code block of the documentation that begin with a word. */
async function documented(word: string): Promise<string[]> {
  const lines = (await Deno.readTextFile(inRepo("docs/many-machines.md"))).split("\n");
  const found = lines.filter((line) => line.startsWith(`${word} `));
  if (found.length === 0) throw new Error(`no line begins with ${word}`);
  return found;
}

/** Makes a certificate authority, and a certificate of it for this machine. */
async function makeCertificates(at: (name: string) => string): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await run("openssl", ["req", "-x509", ...key, "-keyout", at("ca.key"), "-out", at("ca.crt"), "-subj", "/CN=test"]);
  await run("openssl", ["req", ...key, "-keyout", at("own.key"), "-out", at("own.csr"), "-subj", "/CN=localhost"]);
  await Deno.writeTextFile(at("names"), "subjectAltName=IP:127.0.0.1\n");
  const authority = ["-CA", at("ca.crt"), "-CAkey", at("ca.key"), "-CAcreateserial"];
  await run("openssl", [
    "x509",
    "-req",
    "-in",
    at("own.csr"),
    ...authority,
    "-out",
    at("own.crt"),
    "-extfile",
    at("names"),
  ]);
}

Deno.test("rediss:// needs a certificate of an authority that DENO_CERT names", async () => {
  await withFolder(async (_, at) => {
    await makeCertificates(at);
    const port = freePort(), files = ["--tls-cert-file", at("own.crt"), "--tls-key-file", at("own.key")];
    const tls = ["--tls-port", `${port}`, ...files, "--tls-ca-cert-file", at("ca.crt"), "--tls-auth-clients", "no"];
    await using _server = await startRedis(tls);
    const list = async (env: Record<string, string>) => {
      const args = [
        "run",
        "-A",
        "--no-check",
        inRepo("scripts/main.ts"),
        "queue",
        `rediss://127.0.0.1:${port}`,
        "list",
      ];
      const { code, stderr } = await new Deno.Command(Deno.execPath(), { args, env, stdin: "null" }).output();
      return [code, new TextDecoder().decode(stderr).trim()] as const;
    };
    equal(await list({ DENO_CERT: at("ca.crt") }), [0, ""]);
    const [code, error] = await list({});
    equal(code, 1);
    match(
      error,
      /^slomo: queue: cannot connect to 127\.0\.0\.1:\d+: self-signed certificate in certificate chain; [^\n]*$/,
    );
  });
});

Deno.test("users of Redis with the documented permissions", async () => {
  await using server = await startRedis();
  const port = new URL(server.url).port,
    redis = (...args: readonly string[]) => run("redis-cli", ["-p", port, ...args]);
  for (const line of await documented("ACL")) await redis(...line.replaceAll("PASSWORD", "secret").split(" "));
  const of = (user: string) => server.url.replace("//", `//${user}:secret@`);
  await withFakes({ worker: of("worker"), submitter: of("submitter") }, {}, useQueue);
  await redis("ACL", "SETUSER", "default", "off");
  const { code, err } = await task("queue", [server.url, "list"]);
  equal([code, err.trim().split("\n").length], [1, 1], err);
  match(err, /cannot connect to .*: NOAUTH|cannot connect to .*authentication/i);
});

Deno.test("a user of PostgreSQL who may not create tables", async () => {
  await using server = await startPostgres();
  const urlOf = (user: string) => server.url.replace("slomo@", `${user}@`);
  const sql = (text: string) => server.sql(text);
  await sql("CREATE ROLE worker LOGIN");
  await sql("REVOKE ALL ON DATABASE postgres FROM PUBLIC");
  await sql("GRANT CONNECT ON DATABASE postgres TO worker");
  const refused = await task("queue", [urlOf("worker"), "list"]);
  equal([refused.code, refused.err.trim().split("\n").length], [1, 1], refused.err);
  match(
    refused.err,
    /its tables are missing, and this user may not create them; connect once as a user with the privilege/,
  );
  equal((await task("queue", [server.url, "list"])).code, 0);
  for (const line of await documented("GRANT")) await sql(line);
  await withFakes({ worker: urlOf("worker"), submitter: urlOf("worker") }, {}, useQueue);
});
