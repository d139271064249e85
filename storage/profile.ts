import { UsageError } from "@slomo/core";
import type { ReadVariable } from "./variables.ts";

/** A profile of the files that the tools of AWS share. */
export interface StorageProfile {
  /** Its name. */
  readonly name: string;
  /** Its settings by name, such as `aws_access_key_id`. */
  readonly values: Readonly<Record<string, string | undefined>>;
  /** The address of the server, if the profile names one. */
  readonly endpoint: string | undefined;
}

/** Settings of profiles whose credentials other programs find. */
const FOUND_ELSEWHERE = /^(role_arn|sso_\w+|credential_process|login_session|web_identity_token_file)$/;

/**
 * Reads a profile of `~/.aws/credentials` and `~/.aws/config`, which `AWS_SHARED_CREDENTIALS_FILE` and `AWS_CONFIG_FILE` replace:
 * the one that `AWS_PROFILE` names, or `default`.
 *
 * @returns `undefined` if the environment has credentials, or if no profile is named and there is none.
 * @throws {UsageError} If there is no such profile, or it has no access key.
 */
export async function readProfile(env: ReadVariable): Promise<StorageProfile | undefined> {
  if (env("AWS_ACCESS_KEY_ID") && env("AWS_SECRET_ACCESS_KEY")) return undefined;
  const { parseKnownFiles } = await import("@smithy/shared-ini-file-loader");
  const named = env("AWS_PROFILE") || undefined, name = named ?? "default";
  const known = await parseKnownFiles({
    ignoreCache: true,
    ...fileAt("filepath", env("AWS_SHARED_CREDENTIALS_FILE")),
    ...fileAt("configFilepath", env("AWS_CONFIG_FILE")),
  });
  const values = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!values) {
    if (named === undefined) return undefined;
    throw new UsageError(
      `s3: there is no profile ${JSON.stringify(name)} in ~/.aws/credentials and ~/.aws/config; check AWS_PROFILE`,
      { code: "invalid-input" },
    );
  }
  if (!values.aws_access_key_id || !values.aws_secret_access_key) {
    const other = Object.keys(values).find((key) => FOUND_ELSEWHERE.test(key));
    if (other === undefined && named === undefined) return undefined;
    throw new UsageError(
      `s3: cannot use the profile ${JSON.stringify(name)}: it has ${
        other ?? "no key"
      } instead of aws_access_key_id and ` +
        `aws_secret_access_key; set its credentials in the environment: ` +
        `eval "$(aws configure export-credentials --profile ${/^[\w.-]+$/.test(name) ? name : "NAME"} --format env)"`,
      { code: "invalid-input" },
    );
  }
  const services = values.services === undefined ? undefined : known[`services.${values.services}`];
  return { name, values, endpoint: services?.["s3.endpoint_url"] ?? values.endpoint_url };
}

const fileAt = (option: "filepath" | "configFilepath", path: string | undefined) => path ? { [option]: path } : {};
