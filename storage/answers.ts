/** Errors for responses of the server. Messages name the code of a response, but not its text, which may contain credentials. */
import { JobError, UsageError } from "@slomo/core";

/** An attempted action, for messages. */
export interface Attempt {
  /** Location of the object or the bucket. */
  readonly location: string;
  /** `read`, `write`, `list` or `remove`. */
  readonly action: string;
  /** Host and port of the server. */
  readonly host: string;
}

/** Returns the code in the body of an error response: `NoSuchBucket`, `AccessDenied`. */
export async function codeOf(response: Response): Promise<string> {
  const text = await response.text().catch(() => "");
  return /<Code>(\w{1,64})<\/Code>/.exec(text)?.[1] ?? "";
}

/** Returns the text of the elements of a name in an XML response. */
export function textsIn(xml: string, name: string): string[] {
  const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, text]) =>
    text!.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (all, decimal, hexadecimal, entity) => {
      if (decimal) return String.fromCodePoint(Number(decimal));
      if (hexadecimal) return String.fromCodePoint(parseInt(hexadecimal, 16));
      return entities[entity] ?? all;
    })
  );
}

/** Codes for expired credentials. */
const EXPIRED = new Set(["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"]);

/** Returns the error to throw for an error response. */
export function refusal(
  { location, action, host }: Attempt,
  { status }: Pick<Response, "status">,
  code: string,
): UsageError | JobError {
  const shown = code || `status ${status}`, bucket = /^s3:\/\/[^/]+/i.exec(location)?.[0] ?? location;
  const fails = `${location}: cannot ${action} the object:`;
  if (EXPIRED.has(code)) {
    return new JobError(`${fails} the credentials have expired (${code}); set new ones in the environment`);
  }
  if (code === "RequestTimeTooSkewed") {
    return new JobError(`${fails} the clocks of this machine and of ${host} differ (${code}); correct them`);
  }
  if (status === 301 || status === 307 || status === 308 || code === "AuthorizationHeaderMalformed") {
    return new UsageError(`${fails} the bucket is in another region (${shown}); set AWS_REGION, or AWS_ENDPOINT_URL`);
  }
  if (code === "NoSuchBucket") {
    return new UsageError(
      `${bucket}: there is no such bucket at ${host}; create it, or check AWS_ENDPOINT_URL and AWS_REGION`,
      { code: "input-not-found" },
    );
  }
  if (status === 404) return new UsageError(`${location}: there is no such object`, { code: "input-not-found" });
  if (status === 412) return new UsageError(`${location}: the object has changed; plan again`);
  if (status === 401 || status === 403 || code === "InvalidToken") {
    return new JobError(
      `${fails} ${host} refuses access (${shown}); check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the permissions ` +
        "of this key",
    );
  }
  return new JobError(`${fails} ${host} answers with ${shown}`);
}
