/** Access to the page: checks of host, origin, token, cookie and password, before anything else is done. */
import { timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";

/** Headers of all responses. The page loads nothing from elsewhere, and no other page may embed or read it. */
export const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self'; " +
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Number of wrong passwords after which no more are accepted for {@linkcode WAIT} milliseconds. */
const MAX_WRONG = 5;
const WAIT = 60_000;

/** Options of the checks. */
export interface AccessOptions {
  /** Host on which the server listens: `127.0.0.1`. */
  readonly host: string;
  /** Password that replaces the token, if other machines may connect. */
  readonly password?: string | undefined;
  /** Returns the time in milliseconds, to limit wrong passwords. */
  readonly now?: () => number;
}

/** Returns 32 hexadecimal digits that cannot be guessed. */
function secret(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}

function isEqual(given: string | undefined, expected: string): boolean {
  const [a, b] = [given ?? "", expected].map((text) => new TextEncoder().encode(text)) as [Uint8Array, Uint8Array];
  return a.length === b.length && timingSafeEqual(a, b);
}

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[[\da-f:]+\])$/i;

/** Checks every request. */
export class Access {
  /** Token in the printed address, which the first visit turns into a cookie. */
  readonly token: string = secret();
  readonly #session = secret();
  readonly #options: AccessOptions;
  #wrong = 0;
  #since = 0;

  /** Creates the checks, with a new token and a new session. */
  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /**
   * Refuses requests for other hosts (DNS rebinding), from other pages (CSRF), and without the cookie. Files of the page
   * itself need no cookie.
   */
  get guard(): MiddlewareHandler {
    return async (c, next) => {
      const refusal = await this.#refuse(c);
      if (!refusal) await next();
      const { headers } = refusal ?? c.res;
      for (const [name, value] of Object.entries(HEADERS)) if (!headers.has(name)) headers.set(name, value);
      return refusal;
    };
  }

  /** Returns the response to a request that goes no further. */
  async #refuse(c: Context): Promise<Response | undefined> {
    const { path, method } = c.req, isRead = method === "GET" || method === "HEAD";
    if (!this.#isOwnHost(hostOf(c))) return c.text("This server has another name.", 421);
    if (!(isRead && path === "/") && !isFromPage(c, isRead)) return c.text("Another page sent this request.", 403);
    if (path.startsWith("/assets/")) return undefined;
    if (path === "/login" && method === "POST") return await this.#login(c);
    const token = path === "/" ? c.req.query("token") : undefined;
    if (token !== undefined && isEqual(token, this.token)) return this.#enter(c);
    if (isEqual(getCookie(c, cookieOf(c)), this.#session)) return undefined;
    return path === "/" ? c.html(this.#door(), 401) : c.json({ error: { message: "the session has ended" } }, 401);
  }

  #isOwnHost(host: string): boolean {
    const name = host.replace(/:\d+$/, "").toLowerCase(), { host: own } = this.#options;
    if (LOOPBACK.includes(name) || name === own.toLowerCase()) return true;
    // A name that an attacker's DNS server answers is no address.
    return !LOOPBACK.includes(own) && ADDRESS.test(name);
  }

  #enter(c: Context): Response {
    setCookie(c, cookieOf(c), this.#session, { httpOnly: true, sameSite: "Strict", path: "/" });
    return c.redirect("/", 303);
  }

  async #login(c: Context): Promise<Response> {
    const { password, now = Date.now } = this.#options;
    if (password === undefined) return c.text("This server has no password.", 404);
    if (this.#wrong >= MAX_WRONG && now() - this.#since < WAIT) {
      return c.html(this.#door("Too many wrong passwords. Wait a minute."), 429);
    }
    const { password: given } = await c.req.parseBody();
    if (typeof given === "string" && isEqual(given, password)) {
      this.#wrong = 0;
      return this.#enter(c);
    }
    this.#wrong = this.#wrong >= MAX_WRONG ? 1 : this.#wrong + 1;
    this.#since = now();
    return c.html(this.#door("Wrong password."), 401);
  }

  /** Returns the page for visitors without a cookie. */
  #door(problem = ""): string {
    const form = this.#options.password === undefined
      ? "<p>Open the address that <code>deno task web</code> printed in the terminal. It has a token that is new at each start.</p>"
      : `<form method="post" action="/login"><label for="password">Password</label>
<input id="password" name="password" type="password" required autofocus autocomplete="current-password">
<button class="primary">Open</button>${problem && `<p role="alert">${problem}</p>`}</form>`;
    return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>slomo</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/assets/style.css">
</head><body><main class="door"><h1>slomo</h1>${form}</main></body></html>`;
  }
}

function hostOf(c: Context): string {
  return c.req.header("host") ?? new URL(c.req.url).host;
}

/** Returns the name of the cookie. Browsers send cookies of all ports of a host, so it has the port. */
function cookieOf(c: Context): string {
  return `slomo-${/:(\d+)$/.exec(hostOf(c))?.[1] ?? "80"}`;
}

/** Returns whether a request comes from this server's own page, as far as the browser tells. */
function isFromPage(c: Context, isRead: boolean): boolean {
  const origin = c.req.header("origin"), site = c.req.header("sec-fetch-site");
  if (origin !== undefined && origin !== `http://${hostOf(c)}`) return false;
  if (site !== undefined && site !== "same-origin" && !(isRead && site === "none")) return false;
  // Browsers send an origin with each request that changes something.
  return isRead || origin !== undefined;
}
