import { UsageError } from "@slomo/core";
import type { StorageProfile } from "./profile.ts";
import type { ReadVariable, StorageVariable } from "./variables.ts";

/** Address of a storage. */
export interface StorageAddress {
  /** URL of the server, without a path at its end. Buckets are the first part of paths. */
  readonly endpoint: string;
  /** Host and port of the server. */
  readonly host: string;
  /** Region, which is part of the signatures. */
  readonly region: string;
}

/** Address and credentials of a storage. */
export interface StorageSettings extends StorageAddress {
  /** ID of the access key. */
  readonly accessKeyId: string;
  /** The secret of the access key. */
  readonly secretAccessKey: string;
  /** Token of temporary credentials. */
  readonly sessionToken: string | undefined;
}

/** Returns the value of the first variable that is set and not empty. */
function first(env: ReadVariable, ...names: readonly StorageVariable[]): string | undefined {
  for (const name of names) if (env(name)) return env(name);
}

/**
 * Reads the address of the storage: `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`, by default that of Amazon S3 in the region
 * `AWS_REGION` or `AWS_DEFAULT_REGION`, by default `us-east-1`. A profile stands in for variables that are not set.
 *
 * @throws {UsageError} If the address is not a URL of HTTP, or contains a password or a query.
 */
export function readStorageAddress(env: ReadVariable, profile?: StorageProfile): StorageAddress {
  const region = first(env, "AWS_REGION", "AWS_DEFAULT_REGION") ?? profile?.values.region ?? "us-east-1";
  const variable = first(env, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"), given = variable ?? profile?.endpoint;
  const url = URL.parse(given ?? `https://s3.${region}.amazonaws.com`);
  // The value is not shown, because it may contain a password.
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new UsageError(
      `s3: cannot use ${
        variable === undefined ? "endpoint_url of the profile" : "AWS_ENDPOINT_URL"
      }: it must be such as ` +
        "https://s3.example.com, without user name, password and query",
      { code: "invalid-input" },
    );
  }
  const host = `${url.hostname}:${url.port || (url.protocol === "http:" ? 80 : 443)}`;
  return { endpoint: `${url.origin}${url.pathname}`.replace(/\/+$/, ""), host, region };
}

/**
 * Reads address and credentials of the storage: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, and `AWS_SESSION_TOKEN` for
 * temporary ones; or those of a profile, if there are no such variables.
 *
 * @throws {UsageError} If there are no credentials, or the address is wrong.
 */
export function readStorageSettings(env: ReadVariable, profile?: StorageProfile): StorageSettings {
  const address = readStorageAddress(env, profile);
  const accessKeyId = first(env, "AWS_ACCESS_KEY_ID"), secretAccessKey = first(env, "AWS_SECRET_ACCESS_KEY");
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return { ...address, accessKeyId, secretAccessKey, sessionToken: first(env, "AWS_SESSION_TOKEN") };
  }
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token } = profile?.values ?? {};
  if (id && secret) return { ...address, accessKeyId: id, secretAccessKey: secret, sessionToken: token };
  throw new UsageError(
    `s3: cannot connect to ${address.host}: there are no credentials; set the environment variables AWS_ACCESS_KEY_ID and ` +
      "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    { code: "invalid-input" },
  );
}
