import { deepStrictEqual as equal, match, notStrictEqual as different, ok, rejects } from "node:assert/strict";
import { Hono } from "hono";
import { HOST, withPage } from "../_testing.ts";
import { withFolder } from "../../tests/_tools.ts";
import { Access, type AccessOptions, HEADERS } from "./access.ts";
import { openWeb, startWeb } from "./start.ts";

/** A server whose only page is a secret. */
function secretServer(options: AccessOptions = { host: "127.0.0.1" }) {
  const access = new Access(options), app = new Hono().use(access.guard).all("*", (c) => c.text("secret"));
  const ask = async (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    await app.request(`http://${HOST}${path}`, { ...init, headers: { host: HOST, ...headers } });
  return { access, ask };
}

const cookieOf = (response: Response) => response.headers.get("set-cookie")!.split(";")[0]!;

Deno.test("the token becomes a cookie that scripts and other sites do not get", async () => {
  const { access, ask } = secretServer(), entered = await ask(`/?token=${access.token}`);
  equal([entered.status, entered.headers.get("location")], [303, "/"]);
  match(entered.headers.get("set-cookie")!, /^slomo-7272=[\da-f]{32}; Path=\/; HttpOnly; SameSite=Strict$/);
  match(access.token, /^[\da-f]{32}$/);
  ok(!entered.headers.get("set-cookie")!.includes(access.token), "the cookie is another secret");
  equal(await (await ask("/", { cookie: cookieOf(entered) })).text(), "secret");
  different(secretServer().access.token, access.token);
});

Deno.test("without the cookie nothing is shown: no token, a wrong token, a token elsewhere, a cookie of another server", async () => {
  const { access, ask } = secretServer(), other = secretServer();
  const stolen = cookieOf(await other.ask(`/?token=${other.access.token}`));
  const wrong = "0".repeat(32), { token } = access;
  const attempts: [string, Record<string, string>][] = [
    ["/", {}],
    [`/?token=${wrong}`, {}],
    [`/?token=${token.slice(1)}`, {}],
    ["/?token=", {}],
    [`/api/state?token=${token}`, {}],
    ["/api/state", {}],
    ["/api/state", { cookie: "slomo-7272=" }],
    ["/api/state", { cookie: `slomo-7272=${token}` }],
    ["/api/state", { cookie: stolen }],
    ["/api/state", { authorization: `Bearer ${token}` }],
  ];
  for (const [path, headers] of attempts) {
    const response = await ask(path, headers);
    equal([response.status, (await response.text()).includes("secret")], [401, false], path);
  }
});

Deno.test("requests for other host names are refused, as after DNS rebinding", async () => {
  const { access, ask } = secretServer(), cookie = cookieOf(await ask(`/?token=${access.token}`));
  for (
    const host of ["evil.example:7272", "evil.example", "127.0.0.1.evil.example", "192.168.0.9:7272", "localhost.evil"]
  ) {
    const read = await ask("/", { cookie, host });
    equal([read.status, (await read.text()).includes("secret")], [421, false], host);
    equal((await ask(`/?token=${access.token}`, { host })).headers.get("set-cookie"), null);
  }
  for (const host of ["127.0.0.1:7272", "localhost:7272", "[::1]:7272"]) {
    equal((await ask("/", { cookie, host })).status, 200);
  }
});

Deno.test("requests that other pages send are refused, even with the cookie", async () => {
  const { access, ask } = secretServer(), cookie = cookieOf(await ask(`/?token=${access.token}`));
  const post = { method: "POST" }, own = `http://${HOST}`;
  const refused: [Record<string, string>, RequestInit][] = [
    [{ origin: "https://evil.example" }, post],
    [{ origin: "http://127.0.0.1:8000" }, post],
    [{ origin: "null" }, post],
    [{}, post],
    [{ origin: own, "sec-fetch-site": "cross-site" }, post],
    [{ "sec-fetch-site": "none" }, post],
    [{ origin: "https://evil.example" }, { method: "PUT" }],
    [{ "sec-fetch-site": "cross-site" }, {}],
    [{ "sec-fetch-site": "same-site" }, {}],
    [{ origin: "https://evil.example" }, {}],
  ];
  for (const [headers, init] of refused) {
    const response = await ask("/api/jobs", { cookie, ...headers }, init);
    equal([response.status, (await response.text()).includes("secret")], [403, false], JSON.stringify(headers));
  }
  equal((await ask("/api/jobs", { cookie, origin: own, "sec-fetch-site": "same-origin" }, post)).status, 200);
  equal((await ask("/api/jobs", { cookie, "sec-fetch-site": "same-origin" })).status, 200);
});

Deno.test("every response has the headers that keep other pages and scripts out", async () => {
  const { access, ask } = secretServer();
  const entered = await ask(`/?token=${access.token}`), cookie = cookieOf(entered);
  for (
    const response of [entered, await ask("/"), await ask("/", { cookie }), await ask("/", { host: "evil.example" })]
  ) {
    for (const [name, value] of Object.entries(HEADERS)) equal(response.headers.get(name), value, name);
  }
  const policy = HEADERS["content-security-policy"]!;
  match(policy, /^default-src 'none'; script-src 'self'; /);
  ok(!/unsafe|https?:|\*/.test(policy));
  await withPage(async (page) => {
    const file = await page.ask("/media?id=0/clip.mp4");
    await file.body?.cancel();
    for (const response of [await page.ask("/"), await page.ask("/api/state"), await page.ask("/nowhere"), file]) {
      for (const name of ["content-security-policy", "x-content-type-options", "x-frame-options"]) {
        ok(response.headers.has(name), name);
      }
      await response.body?.cancel().catch(() => {});
    }
  });
});

Deno.test("a host on which the page cannot listen is a usage error that names it", async () => {
  await withFolder(async (folder) => {
    const start = (host: string) => startWeb({ folders: [folder], host, port: 0, password: "x" });
    for (const host of ["localhost:7272", "http://0.0.0.0", "*", "my host", "0.0.0.0/0", "a".repeat(64), ""]) {
      await rejects(start(host), { name: "UsageError", option: "host", message: /neither a host name nor an address/ });
    }
    for (const host of ["192.0.2.1", "nosuch.invalid"]) {
      await rejects(start(host), (error: Error & { option?: string }) => {
        equal([error.name, error.option], ["UsageError", "host"]);
        match(error.message, new RegExp(`^web: cannot listen on ${host}: .+; set \`host\` to`));
        ok(!error.message.includes("os error"));
        return true;
      });
    }
  });
});

Deno.test("other machines need a password, which cannot be guessed at speed", async () => {
  await withFolder(async (folder) => {
    await rejects(openWeb({ folders: [folder], host: "0.0.0.0" }), { name: "UsageError", option: "host" });
    await rejects(openWeb({ folders: [folder], host: "192.168.0.9", password: "" }), { option: "host" });
  });
  let now = 0;
  const { ask } = secretServer({ host: "0.0.0.0", password: "swordfish", now: () => now });
  const host = "192.168.0.9:7272", origin = `http://${host}`;
  const login = (password: string, headers = { host, origin }) =>
    ask("/login", { ...headers, "content-type": "application/x-www-form-urlencoded" }, {
      method: "POST",
      body: new URLSearchParams({ password }),
    });
  match(await (await ask("/", { host })).text(), /<form method="post" action="\/login">/);
  equal((await login("swordfish", { host, origin: "http://evil.example" })).status, 403);
  equal((await login("swordfish", { host: "evil.example", origin: "http://evil.example" })).status, 421);
  for (let i = 0; i < 5; i++) equal((await login(`guess ${i}`)).status, 401);
  const locked = await login("swordfish");
  equal([locked.status, locked.headers.get("set-cookie")], [429, null]);
  now += 61_000;
  const entered = await login("swordfish");
  equal(entered.status, 303);
  equal(await (await ask("/", { host, cookie: cookieOf(entered) })).text(), "secret");
  const { ask: askLocal } = secretServer();
  const local = await askLocal("/login", { origin: `http://${HOST}` }, {
    method: "POST",
    body: new URLSearchParams({ password: "" }),
  });
  equal([local.status, local.headers.get("set-cookie")], [404, null]);
});
